import { isReconciled, wayOf } from "../../engine/operated/way.ts";
import { restartAgents } from "../../engine/apply/restart-agents.ts";
import { setSecret, type SecretSet } from "../../engine/secrets/set-secret.ts";
import { FrotaError } from "../../spec/error.ts";
import { DRY_RUN, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { formatDuration } from "../terminal/duration.ts";
import { withFleet, type FleetSession } from "../target/fleet-session.ts";
import { requestRestarts } from "../operations/operated-actions.ts";
import { undeclaredKey } from "./declared-key.ts";
import { secretAgent } from "./secret-actions.ts";
import { parseSetArguments, readSecretValue } from "./secret-value.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { openVault } from "../target/vault-access.ts";

/** Flags of `frota secrets set`. */
export interface SetSecretFlags extends ClusterFlags {
  /** The key is meant as it is written, however near a declared one is. */
  readonly undeclared: boolean;
  readonly restart: boolean;
  /** Seconds for the sync. */
  readonly syncTimeout: number;
  /** Seconds for the restart. */
  readonly timeout: number;
  /** Nothing is asked for, and nothing is written. */
  readonly dryRun: boolean;
  readonly output?: OutputFormat;
}

/** `frota secrets set <agent> <KEY>` */
export async function runSetSecret(context: CliContext, flags: SetSecretFlags, words: readonly string[]): Promise<void> {
  const { agent, key } = parseSetArguments(words);
  await withFleet(context, flags, [agent], async (session) => {
    const [chosen] = session.agents;
    if (chosen === undefined) return;
    const { declared, path } = secretAgent(session.source, chosen);
    const undeclared = undeclaredKey(agent, key, declared);
    const { client, store } = await openVault(context, session.target, session.source.fleet);
    // Before anybody types a value for nothing.
    await client.assertUnsealed();
    await client.lookupSelf();
    context.process.stderr.write(`Vault: ${client.connection.address}, ${store.mount}/${path}\n`);
    const isThere = async () => (await store.keys(path))?.keys.includes(key) ?? false;
    // One that is there already was meant once.
    if (undeclared?.refusal && !flags.undeclared && !(await isThere())) throw undeclared.refusal;
    if (undeclared) context.process.stderr.write(undeclared.note);
    if (flags.dryRun) {
      context.process.stderr.write(`${DRY_RUN}  ${key} of ${agent} would be ${(await isThere()) ? "replaced" : "added"} in Vault, and synced${flags.restart ? "; an agent with the older value would restart" : ""}\n`);
      return;
    }
    const value = await readSecretValue(context, agent, key);
    const began = performance.now();
    const result = await setSecret({
      cluster: session.cluster,
      namespace: session.namespace,
      store,
      agent,
      path,
      key,
      value,
      timeout: flags.syncTimeout * 1000,
      signal: context.signal,
      requestId: new Date().toISOString(),
      onWritten: ({ version, added }) =>
        context.process.stderr.write(`${key} ${added ? "added" : "replaced"}: version ${version} in Vault\n`),
    });
    await report(context, flags, session, { agent, key, result, milliseconds: performance.now() - began });
  });
}

interface Outcome {
  readonly agent: string;
  readonly key: string;
  readonly result: SecretSet;
  readonly milliseconds: number;
}

async function report(context: CliContext, flags: SetSecretFlags, session: FleetSession, outcome: Outcome): Promise<void> {
  const { stdout, stderr } = context.process;
  const { agent, key, result, milliseconds } = outcome;
  const { version, createdAt, added, sync, stalePods } = result;
  const say = (line: string) => (flags.output ? stderr : stdout).write(`${line}\n`);
  if (sync === "not-applied") say(`the cluster has no ${agent} yet; the value arrives with: frota apply ${agent}`);
  else say(`Secret ${session.namespace}/${agent}-env carries it, after ${formatDuration(milliseconds)}`);
  const restart = stalePods.length === 0 ? NOT_ASKED : await endStale(context, flags, session, { outcome, say });
  if (flags.output) {
    const { isDone } = restart;
    await writeStructured({ agent, key, version, createdAt, added, sync, stalePods: isDone ? [] : stalePods, restarted: isDone }, flags.output, stdout);
  }
  if (restart.held) throw restart.held;
}

interface StaleRestart {
  readonly isDone: boolean;
  /** It may not be done now. */
  readonly held?: FrotaError;
}

const NOT_ASKED: StaleRestart = { isDone: false };

interface StaleAgent {
  readonly outcome: Outcome;
  readonly say: (line: string) => void;
}

/** Restarts an agent that runs with the older value, or says who does. */
async function endStale(context: CliContext, flags: SetSecretFlags, session: FleetSession, { outcome, say }: StaleAgent): Promise<StaleRestart> {
  const { agent, result: { stalePods } } = outcome;
  const isOperated = isReconciled(await wayOf(session.cluster, session.namespace, new Date()));
  if (!flags.restart) {
    say(`still running with the older value: ${stalePods.join(", ")}. ${nextOf(session, agent, isOperated)}`);
    return NOT_ASKED;
  }
  try {
    await restartStale(context, flags, session, { agent, stalePods, isOperated, say });
    return { isDone: true };
  } catch (error) {
    const held = heldRestart(error, outcome);
    if (held) return { isDone: false, held };
    throw error;
  }
}

/** A restart that nobody may do now. What refuses it refuses it alone: the key is written. */
function heldRestart(error: unknown, { agent, key, result }: Outcome): FrotaError | undefined {
  if (!(error instanceof FrotaError)) return undefined;
  if (error.outcome === "held") return error;
  if (error.outcome !== "refused") return undefined;
  return new FrotaError({
    code: error.code,
    message: `${key} is written (version ${result.version} in Vault), but ${error.message}`,
    ...(error.where && { where: error.where }),
    next: `\`frota secrets status ${agent}\` shows where it is lost, and what to do; then \`frota restart ${agent}\``,
    outcome: "held",
  });
}

function nextOf({ agents: [chosen] }: FleetSession, agent: string, isOperated: boolean): string {
  const onChange = chosen?.agent.spec.secrets.onChange;
  if (isOperated && onChange === "restart") return "The controller restarts it as soon as it may: frota status";
  return `Restart with: frota restart ${agent}`;
}

interface RestartOf {
  readonly agent: string;
  readonly stalePods: readonly string[];
  readonly isOperated: boolean;
  readonly say: (line: string) => void;
}

async function restartStale(context: CliContext, flags: SetSecretFlags, session: FleetSession, { agent, stalePods, isOperated, say }: RestartOf): Promise<void> {
  const sayBegun = () => say(`restarting ${agent}, which runs with the older value: ${stalePods.join(", ")}`);
  const began = performance.now();
  const { cluster, namespace } = session;
  const timeout = flags.timeout * 1000;
  // Where a controller is, it says when.
  if (isOperated) {
    sayBegun();
    await requestRestarts(context, session, { names: [agent], timeout });
  } else {
    await restartAgents({
      cluster,
      namespace,
      agents: [agent],
      timeout,
      signal: context.signal,
      now: () => new Date(),
      onEvent: (event) => {
        if (event.type === "agent-started") sayBegun();
        if (event.type === "warning") context.process.stderr.write(`warning: ${event.message}\n`);
      },
    });
  }
  say(`${agent} is Ready with the new value, after ${formatDuration(performance.now() - began)}`);
}
