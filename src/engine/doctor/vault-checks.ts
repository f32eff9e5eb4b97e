import type { Prerequisite } from "../../plan/prerequisite.ts";
import { FrotaError } from "../../spec/error.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { KeyValueStore } from "../../vault/kv.ts";
import type { SecretAgent } from "../secrets/observe-secrets.ts";
import { examine, type Finding } from "./examine.ts";

/** The user's way to Vault. */
export interface ExaminedVault {
  readonly client: VaultClient;
  readonly store: KeyValueStore;
}

/** Vault as this machine and this user reach it. A FrotaError stands for "no address is known". */
export async function checkVault(vault: ExaminedVault | FrotaError, agents: readonly SecretAgent[]): Promise<Prerequisite[]> {
  const server = await examine({ id: "vault.server", title: "Vault, from here" }, async () => serverFinding(vault), "missing");
  if (vault instanceof FrotaError || server.status !== "ok") return [server];
  const token = await examine({ id: "vault.token", title: "Vault token" }, () => tokenFinding(vault, agents), "missing");
  if (token.status === "missing") return [server, token];
  return [server, token, await examine({ id: "vault.keys", title: "Declared keys in Vault" }, () => keysFinding(vault, agents))];
}

/** Without Vault, everything but secrets works from here. */
async function serverFinding(vault: ExaminedVault | FrotaError): Promise<Finding> {
  if (vault instanceof FrotaError) {
    return { status: "warn", detail: `${vault.message} Only \`frota secrets\` needs one.`, ...(vault.next !== undefined && { next: vault.next }) };
  }
  const { address } = vault.client.connection;
  const { initialized, sealed, version } = await vault.client.health();
  if (sealed || !initialized) {
    return { status: "missing", detail: `${address}, version ${version}, is ${initialized ? "sealed" : "not initialized"}`, next: "vault operator unseal" };
  }
  return { status: "ok", detail: `${address}, version ${version}, unsealed` };
}

async function tokenFinding({ client, store }: ExaminedVault, agents: readonly SecretAgent[]): Promise<Finding> {
  const { policies, ttlSeconds } = await client.lookupSelf();
  const paths = agents.flatMap(({ path }) => [`${store.mount}/data/${path}`, `${store.mount}/metadata/${path}`]);
  const capabilities = await client.capabilities(paths);
  const left = ttlSeconds === 0 ? "never expires" : `expires in ${Math.round(ttlSeconds / 60)} min`;
  const detail = `${left}; policies ${policies.join(", ")}`;
  const cannot = paths.filter((path) => !mayUse(path, capabilities?.get(path) ?? []));
  if (capabilities === undefined || cannot.length === 0) return { status: "ok", detail };
  const next = `ask for a policy: path "${store.mount}/data/agents/*" { capabilities = ["create", "update", "patch", "read"] }, path "${store.mount}/metadata/agents/*" { capabilities = ["read"] }`;
  return { status: "warn", detail: `${detail}; it may not use ${cannot.join(", ")}`, next };
}

function mayUse(path: string, capabilities: readonly string[]): boolean {
  if (capabilities.includes("root")) return true;
  if (path.includes("/metadata/")) return capabilities.includes("read");
  return capabilities.includes("patch") || (capabilities.includes("update") && capabilities.includes("read"));
}

async function keysFinding({ store }: ExaminedVault, agents: readonly SecretAgent[]): Promise<Finding> {
  const found = await Promise.all(agents.map(async ({ path }) => (await store.keys(path))?.keys ?? []));
  const missing = agents.flatMap(({ name, declared }, index) => {
    const absent = declared.filter((key) => !found[index]?.includes(key));
    return absent.length > 0 ? [{ name, absent }] : [];
  });
  const [first] = missing;
  if (first === undefined) return { status: "ok", detail: `all there, for ${agents.length} agents` };
  const detail = missing.map(({ name, absent }) => `${name} lacks ${absent.join(", ")}`).join("; ");
  return { status: "missing", detail, next: `frota secrets set ${first.name} ${first.absent[0]}` };
}
