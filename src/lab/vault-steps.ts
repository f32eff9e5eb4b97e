import { randomBytes } from "node:crypto";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { FrotaError } from "../spec/error.ts";
import type { Fleet } from "../spec/fleet.ts";
import { API_PORT } from "./control-plane.ts";
import { program, type LabRun } from "./lab-run.ts";
import type { LabLayout } from "./layout.ts";
import { askLab, type LabAnswer } from "./probe.ts";
import type { Step } from "./steps.ts";
import { ensureService } from "./supervisor.ts";
import { until } from "./until.ts";

/** Port of the lab's Vault. */
export const VAULT_PORT = 8200;

/** File with the lab's Vault token for people; readable by root. */
export function vaultTokenFile(layout: LabLayout): string {
  return join(layout.data, "vault-token");
}

const initSchemaFile = (layout: LabLayout) => join(layout.data, "vault-init.json");

/** Vault with file storage, unsealed, with the KV mount, policy and Kubernetes role that the Fleet names. */
export function vaultSteps(run: LabRun, fleet: Fleet): Step[] {
  const { layout, signal } = run;
  return [
    {
      id: "vault-server",
      title: "Start Vault",
      needs: ["certificates", "vault"],
      run: async () => {
        const vaultProgram = program(run, "vault", "vault");
        await mkdir(join(layout.data, "vault"), { recursive: true, mode: 0o700 });
        const sealKey = await ensureSealKey(layout, vaultProgram);
        const configuration = vaultConfiguration(layout, run.network.get().labAddress, sealKey);
        await writeFile(join(layout.data, "vault.json"), configuration);
        const ca = await readFile(join(layout.certificates, "ca.crt"), "utf8");
        const vault = new VaultAdministration(`https://${run.network.get().labAddress}:${VAULT_PORT}`, ca);
        const ready = async () => (await vault.sealStatus()) !== undefined;
        const argv = [vaultProgram, "server", `-config=${join(layout.data, "vault.json")}`];
        await ensureService(layout, { name: "vault", argv, ready }, signal);
        await vault.open(layout, signal);
        return undefined;
      },
    },
    {
      id: "vault-access",
      title: "Let the cluster log in to Vault",
      needs: ["vault-server", "api-server"],
      run: async () => {
        const ca = await readFile(join(layout.certificates, "ca.crt"), "utf8");
        const vault = new VaultAdministration(`https://${run.network.get().labAddress}:${VAULT_PORT}`, ca);
        await vault.open(layout, signal);
        const reviewer = await tokenReviewer(run);
        const api = `https://${run.network.get().labAddress}:${API_PORT}`;
        await vault.grantFleet(fleet, { host: api, certificateAuthority: ca, reviewer });
        return `${fleet.spec.vault.mount}/${fleet.spec.vault.path}/*`;
      },
    },
  ];
}

function vaultConfiguration(layout: LabLayout, address: string, sealKey: string | undefined): string {
  return JSON.stringify({
    storage: { raft: { path: join(layout.data, "vault"), node_id: "lab" } },
    ...(sealKey === undefined ? {} : { seal: { static: { current_key_id: "lab", current_key: `file://${sealKey}` } } }),
    listener: {
      tcp: {
        address: `0.0.0.0:${VAULT_PORT}`,
        tls_cert_file: join(layout.certificates, "vault.crt"),
        tls_key_file: join(layout.certificates, "vault.key"),
      },
    },
    api_addr: `https://${address}:${VAULT_PORT}`,
    cluster_addr: `https://${address}:${VAULT_PORT + 1}`,
    disable_mlock: true,
    ui: false,
  });
}

/**
 * File with the key that OpenBao unseals itself with when its process is restarted. HashiCorp's Vault has no such seal:
 * `lab up` unseals it.
 */
async function ensureSealKey(layout: LabLayout, vaultProgram: string): Promise<string | undefined> {
  const { stdout } = await execa(vaultProgram, ["version"]);
  if (!stdout.startsWith("OpenBao")) return undefined;
  const file = join(layout.data, "vault-seal.key");
  const exists = await access(file).then(() => true, () => false);
  if (!exists) await writeFile(file, randomBytes(32), { mode: 0o600, flush: true });
  return file;
}

/** A token of a service account that may review tokens, for Vault's Kubernetes auth method. */
async function tokenReviewer(run: LabRun): Promise<string> {
  const cluster = run.cluster.get();
  const name = "vault-token-reviewer";
  const namespace = "vault";
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  await cluster.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  });
  const type = "kubernetes.io/service-account-token";
  const annotations = { "kubernetes.io/service-account.name": name };
  const reference = { apiVersion: "v1", kind: "Secret", namespace, name: `${name}-token` };
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: reference.name, namespace, annotations }, type });
  const encoded = await until(
    async () => ((await cluster.get(reference))?.["data"] as Record<string, string> | undefined)?.["token"],
    { signal: run.signal, seconds: 60, what: `the token in Secret ${namespace}/${reference.name}` },
  );
  return Buffer.from(encoded, "base64").toString("utf8");
}

interface KubernetesLogin {
  readonly host: string;
  readonly certificateAuthority: string;
  readonly reviewer: string;
}

interface InitAnswer {
  /** Empty where the server unseals itself. */
  readonly keys_base64?: readonly string[];
  readonly root_token: string;
}

/** The administration of the lab's own Vault: first set-up and unsealing. Not for anybody else's Vault. */
class VaultAdministration {
  readonly #address: string;
  readonly #certificateAuthority: string;
  #token = "";

  constructor(address: string, certificateAuthority: string) {
    this.#address = address;
    this.#certificateAuthority = certificateAuthority;
  }

  /** `{initialized, sealed}`, or undefined while the server does not answer. */
  async sealStatus(): Promise<{ initialized: boolean; sealed: boolean } | undefined> {
    const answer = await this.#ask("GET", "sys/seal-status").catch(() => undefined);
    return answer?.status === 200 ? (answer.body as { initialized: boolean; sealed: boolean }) : undefined;
  }

  /** Vault answers 200 to a health check only when it is initialized, unsealed and the leader. */
  async #isActive(): Promise<boolean> {
    const answer = await this.#ask("GET", "sys/health").catch(() => undefined);
    return answer?.status === 200;
  }

  /** Initializes the server on its first start, unseals it, and takes the lab's token. */
  async open(layout: LabLayout, signal: AbortSignal): Promise<void> {
    const status = await this.sealStatus();
    if (status?.initialized === false) {
      const shares = { secret_shares: 1, secret_threshold: 1 };
      const recovery = { recovery_shares: 1, recovery_threshold: 1 };
      const { recovery_seal: sealsItself } = status as { recovery_seal?: boolean };
      const made = await this.#demand("PUT", "sys/init", sealsItself ? recovery : shares);
      await writeFile(initSchemaFile(layout), JSON.stringify(made), { mode: 0o600 });
    }
    const init = JSON.parse(await readFile(initSchemaFile(layout), "utf8")) as InitAnswer;
    const [key] = init.keys_base64 ?? [];
    if (key !== undefined) await this.#demand("PUT", "sys/unseal", { key });
    await until(async () => ((await this.#isActive()) ? true : undefined), { signal, seconds: 30, what: "Vault to open" });
    this.#token = init.root_token;
    await writeFile(vaultTokenFile(layout), `${init.root_token}\n`, { mode: 0o600 });
  }

  /** Mounts and rights as the Fleet's SecretStore needs them. Idempotent. */
  async grantFleet(fleet: Fleet, login: KubernetesLogin): Promise<void> {
    const { mount, path, auth } = fleet.spec.vault;
    const mounts = await this.#list("sys/mounts");
    if (!mounts.includes(`${mount}/`)) {
      await this.#demand("POST", `sys/mounts/${mount}`, { type: "kv", options: { version: "2" } });
    }
    const methods = await this.#list("sys/auth");
    if (!methods.includes(`${auth.mount}/`)) await this.#demand("POST", `sys/auth/${auth.mount}`, { type: "kubernetes" });
    await this.#demand("POST", `auth/${auth.mount}/config`, {
      kubernetes_host: login.host,
      kubernetes_ca_cert: login.certificateAuthority,
      token_reviewer_jwt: login.reviewer,
    });
    const policy = `path "${mount}/data/${path}/*" { capabilities = ["read"] }`;
    await this.#demand("PUT", `sys/policies/acl/${auth.role}`, { policy });
    await this.#demand("POST", `auth/${auth.mount}/role/${auth.role}`, {
      bound_service_account_names: ["vault-auth"],
      bound_service_account_namespaces: [fleet.metadata.namespace],
      audience: "vault",
      token_policies: [auth.role],
      token_ttl: "1h",
    });
  }

  async #list(path: string): Promise<string[]> {
    const answer = await this.#demand("GET", path);
    return Object.keys((answer["data"] as object | undefined) ?? answer);
  }

  async #demand(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<Record<string, unknown>> {
    const { status, body: answer } = await this.#ask(method, path, body);
    if (status < 300) return (answer as Record<string, unknown> | undefined) ?? {};
    // The answer to a failed request names what is wrong and holds no secret of the request.
    const reason = JSON.stringify((answer as { errors?: unknown } | undefined)?.errors ?? status);
    throw new FrotaError({ code: "LAB_VAULT", message: `the lab's Vault refused ${method} ${path}: ${reason}`, next: "run the command again" });
  }

  #ask(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<LabAnswer> {
    return askLab(`${this.#address}/v1/${path}`, {
      method,
      body,
      headers: this.#token === "" ? {} : { "X-Vault-Token": this.#token },
      certificateAuthority: this.#certificateAuthority,
    });
  }
}
