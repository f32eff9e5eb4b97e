import { observeSecrets, type SecretAgent, type SecretWorld } from "../../engine/secrets/observe-secrets.ts";
import { secretChain } from "../../plan/secret-chain.ts";
import { FrotaError } from "../../spec/error.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import type { AgentSource, FleetSource } from "../../spec/repository.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { withFleet, type FleetSession } from "../target/fleet-session.ts";
import { writeListing, type ListOutput } from "../terminal/list-output.ts";
import { painter } from "../terminal/paint.ts";
import { chainText } from "./secret-text.ts";
import { formatTable } from "../terminal/table.ts";
import { openVault, secretPath } from "../target/vault-access.ts";

/** Flags of commands that look at secrets. */
export type SecretFlags = ClusterFlags & { readonly selector?: LabelSelector; readonly output?: Exclude<ListOutput, { type: "wide" }> };

/** One key of one agent's secret. */
interface ListedKey {
  readonly agent: string;
  readonly key: string;
  /** `missing`: declared, but not in Vault; `extra`: in Vault, but not declared. */
  readonly state: "ok" | "missing" | "extra";
}

/** `frota secrets list [agent...]` */
export async function listSecrets(context: CliContext, flags: SecretFlags, names: readonly string[]): Promise<void> {
  const { stdout } = context.process;
  const keys = await withFleet(context, flags, names, async ({ target, source, agents }) => {
    const { store } = await openVault(context, target, source.fleet);
    const secrets = agents.map((agent) => secretAgent(source, agent));
    return Promise.all(secrets.map(async (agent) => listKeys(agent, (await store.keys(agent.path))?.keys ?? [])));
  });
  if (flags.output) return writeListing({ data: keys.flat(), names: keys.flat().map(({ agent, key }) => `${agent}/${key}`) }, flags.output, context.process);
  const rows = keys.flat().map(({ agent, key, state }) => [agent, key, state]);
  stdout.write(formatTable(["AGENT", "KEY", "STATE"], rows, stdout));
}

function listKeys({ name, declared }: SecretAgent, present: readonly string[]): readonly ListedKey[] {
  const all = [...new Set([...declared, ...present])].sort();
  return all.map((key) => ({ agent: name, key, state: stateOf(declared.includes(key), present.includes(key)) }));
}

function stateOf(isDeclared: boolean, isPresent: boolean): ListedKey["state"] {
  if (!isPresent) return "missing";
  return isDeclared ? "ok" : "extra";
}

/** `frota secrets status [agent...]` */
export async function showSecrets(context: CliContext, flags: SecretFlags, names: readonly string[]): Promise<void> {
  const { stdout, env } = context.process;
  const chains = await withFleet(context, flags, names, async (session) => {
    const agents = session.agents.map((agent) => secretAgent(session.source, agent));
    const now = new Date();
    const observations = await observeSecrets(await secretWorld(context, session), agents);
    return observations.map((observed) => secretChain(observed, now));
  });
  if (chains.some(({ state }) => state === "broken" || state === "unknown")) context.process.exitCode = EXIT.no;
  if (flags.output) return writeListing({ data: chains, names: chains.map(({ agent }) => agent) }, flags.output, context.process);
  const view = { now: new Date(), output: stdout, paint: painter(stdout, env) };
  stdout.write(chains.map((chain) => chainText(chain, view)).join("\n"));
}

async function secretWorld(context: CliContext, session: FleetSession): Promise<SecretWorld> {
  const { cluster, namespace, target, source } = session;
  const store = await openVault(context, target, source.fleet).then(
    (vault) => vault.store,
    (error: unknown) => {
      if (error instanceof FrotaError) return error;
      throw error;
    },
  );
  return { cluster, namespace, store };
}

/** What of an agent matters for its secrets. */
export function secretAgent({ fleet }: FleetSource, { agent }: AgentSource): SecretAgent {
  const { name } = agent.metadata;
  return { name, declared: agent.spec.secrets.required, path: secretPath(fleet, name) };
}
