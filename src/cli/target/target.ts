import { readFile } from "node:fs/promises";
import { labLayout, labName, type LabLayout } from "../../lab/layout.ts";
import { THIS_PLATFORM, wayToLab } from "../../lab/machine/platform.ts";
import { overlayForLab } from "../../lab/overlay.ts";
import { isLabRunning, readLabRecord, runningLabs, type LabRecord } from "../../lab/record.ts";
import { mirroredHosts } from "../../lab/cluster/registry-mirrors.ts";
import { FrotaError } from "../../spec/error.ts";
import type { FleetSource } from "../../spec/repository.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The cluster that a command works on, and the outside systems that belong to it. */
export interface Target {
  readonly kind: "lab" | "context";
  /** The context's name, or `lab <name>`: for messages. */
  readonly name: string;
  readonly kubeconfig: { readonly path?: string; readonly context?: string };
  /** The lab's own Vault on the lab; else the user's, by VAULT_ADDR; undefined when the environment names none. */
  readonly vault: VaultTarget | undefined;
  readonly registry: RegistryTarget;
  /** The fleet as this target runs it: the identity for a named context. */
  readonly overlay: (source: FleetSource) => FleetSource;
}

/** How to reach Vault as the user. */
interface VaultTarget {
  readonly address: string;
  readonly token?: string;
  /** PEM file of the certificate authority, when it is not one that Node trusts. */
  readonly caFile?: string;
  readonly namespace?: string;
}

/** Where image references are really served from. */
export interface RegistryTarget {
  /** Base URL by registry host, for example `registry.digitalocean.com` -> `http://10.213.0.2:5000`. */
  readonly mirrors: Readonly<Record<string, string>>;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/**
 * Chooses the cluster: `--context`, then FROTA_CONTEXT, then the lab if it runs. The kubeconfig's current context is
 * never used unnamed, so that no command hits a cluster that was not meant.
 */
export async function resolveTarget(flags: { context?: string | undefined }, env: Environment): Promise<Target> {
  const context = flags.context ?? env["FROTA_CONTEXT"];
  if (context !== undefined) return contextTarget(context, env);
  const layout = labLayout(labName(env), env);
  const record = await readLabRecord(layout);
  if (record && (await isLabRunning(record))) return labTarget(layout, record);
  const [running, ...more] = await runningLabs(env);
  if (running !== undefined) {
    throw new FrotaError({
      code: "NO_CLUSTER",
      message: `no cluster was named and lab ${layout.name} is not running; what runs: ${[running, ...more].join(", ")}`,
      next: `name the lab: FROTA_LAB=${running}; or a cluster: --context NAME`,
      outcome: "usage",
    });
  }
  throw new FrotaError({
    code: "NO_CLUSTER",
    message: "no cluster was named and no lab is running on this machine",
    next: ["name a cluster, --context NAME or FROTA_CONTEXT, by what `kubectl config get-contexts` calls it", wayToLab(THIS_PLATFORM)].filter(Boolean).join("; or "),
    outcome: "usage",
  });
}

function contextTarget(context: string, env: Environment): Target {
  return {
    kind: "context",
    name: context,
    kubeconfig: { context, ...(env["KUBECONFIG"] ? { path: env["KUBECONFIG"] } : {}) },
    vault: vaultFromEnvironment(env),
    registry: { mirrors: {} },
    overlay: (source) => source,
  };
}

async function labTarget(layout: LabLayout, record: LabRecord): Promise<Target> {
  const { registry, vault } = record;
  // While a new lab comes up, its image is built before its Vault has a token.
  const token = await readLine(vault.tokenFile).catch(() => undefined);
  return {
    kind: "lab",
    name: `lab ${record.name}`,
    kubeconfig: { path: record.kubeconfig },
    // Never VAULT_ADDR: a lab's demo secrets and rotations must not reach a real Vault that the shell happens to name.
    vault: { address: vault.address, ...(token === undefined ? {} : { token }), caFile: vault.caFile },
    registry: {
      mirrors: Object.fromEntries((await mirroredHosts(layout)).map((host) => [host, registry.address])),
      credentials: { username: registry.username, password: await readLine(registry.passwordFile) },
    },
    overlay: (source) => overlayForLab(source, record.modelServer),
  };
}

async function readLine(file: string): Promise<string> {
  return (await readFile(file, "utf8")).trim();
}

function vaultFromEnvironment(env: Environment): VaultTarget | undefined {
  const address = env["VAULT_ADDR"];
  if (address === undefined) return undefined;
  return {
    address,
    ...(env["VAULT_TOKEN"] ? { token: env["VAULT_TOKEN"] } : {}),
    ...(env["VAULT_CACERT"] ? { caFile: env["VAULT_CACERT"] } : {}),
    ...(env["VAULT_NAMESPACE"] ? { namespace: env["VAULT_NAMESPACE"] } : {}),
  };
}
