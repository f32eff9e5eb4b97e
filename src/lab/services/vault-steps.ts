import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Fleet } from "../../spec/fleet.ts";
import { textAt } from "../../spec/plain-field.ts";
import { API_PORT } from "../cluster/control-plane.ts";
import { program, type LabRun } from "../lab-run.ts";
import { fileExists } from "../file-exists.ts";
import type { LabLayout } from "../layout.ts";
import type { Step } from "../steps.ts";
import { ensureService, stopService } from "./supervisor.ts";
import { until } from "../until.ts";
import { VaultAdministration } from "./vault-administration.ts";
import { prepareVaultStorage, vaultStorage } from "./vault-files.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** Port of the lab's Vault. */
export const VAULT_PORT = 8200;

/** Vault with storage of its own, unsealed, with the KV mount, policy and Kubernetes role that the Fleet names. */
export function vaultSteps(run: LabRun, fleet: Fleet): Step[] {
  const { layout, signal } = run;
  return [
    {
      id: "vault-server",
      title: "Start Vault",
      needs: ["certificates", "vault"],
      run: async () => {
        const vaultProgram = program(run, "vault", "vault");
        await prepareVaultStorage(layout, () => stopService(layout, "vault"));
        const sealKey = await ensureSealKey(layout, vaultProgram);
        const configuration = vaultConfiguration(layout, run.network.get().labAddress, sealKey);
        await writeFile(join(layout.data, "vault.json"), configuration);
        const ca = await readFile(join(layout.certificates, "ca.crt"), "utf8");
        const vault = new VaultAdministration(`https://${run.network.get().labAddress}:${VAULT_PORT}`, ca);
        const ready = async () => (await vault.sealStatus()) !== undefined;
        const argv = [vaultProgram, "server", `-config=${join(layout.data, "vault.json")}`];
        // One that was sealed while it ran does not unseal itself before it starts anew.
        if (await vault.isSealed()) await stopService(layout, "vault");
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
    // One node elects itself: with Raft's own times (1 s) instead of Vault's defaults for small machines (5 s).
    storage: { raft: { path: vaultStorage(layout), node_id: "lab", performance_multiplier: "1" } },
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
  if (!(await fileExists(file))) await writeFileAtomic(file, randomBytes(32), { mode: 0o600 });
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
    async () => textAt(await cluster.get(reference), "data", "token"),
    { signal: run.signal, seconds: 180, what: `the token in Secret ${namespace}/${reference.name}` },
  );
  return Buffer.from(encoded, "base64").toString("utf8");
}
