import { agentNamesOf } from "../../engine/status/agent-status.ts";
import { concurrently } from "../../engine/concurrently.ts";
import { namesAndSelector } from "../../engine/status/fleet-report.ts";
import { readNamespace } from "../../engine/observe/fleet-watch.ts";
import { readDrift, type AgentDrift } from "../../engine/status/read-drift.ts";
import { rememberLists } from "../../engine/observe/remembered-lists.ts";
import { driftEntry, type DriftEntry } from "../../plan/drift.ts";
import { FrotaError } from "../../spec/error.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import { selectedAgents } from "../target/agent-choice.ts";
import { findGateway, withGateway } from "../target/agent-gateway.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { errorText } from "../error-text.ts";
import { EXIT } from "../exit-code.ts";
import { writeListing, type ListOutput } from "../terminal/list-output.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { painter, type Paint } from "../terminal/paint.ts";

/** Flags of `frota drift`. */
export type DriftFlags = ClusterFlags & { readonly selector?: LabelSelector; readonly output?: Exclude<ListOutput, { type: "wide" }> };

/** One agent's drift, as printed. */
interface AgentReport {
  readonly agent: string;
  readonly drift: readonly DriftEntry[];
  /** See `AgentDrift`. */
  readonly isDeclarationNewer: boolean;
}

/** Reads one agent's drift through its gateway. */
export async function agentDrift(world: NamespaceTarget, agent: string): Promise<AgentDrift> {
  const access = await findGateway(world, agent);
  const { cluster, namespace } = world;
  return withGateway(world, agent, access, (gateway) => readDrift({ cluster, namespace, agent, pod: access.pod }, gateway));
}

/** Shows what agents changed in their configuration themselves; exit code 1 when there is something. */
export async function showDrift(context: CliContext, flags: DriftFlags, names: readonly string[]): Promise<void> {
  const target = await openNamespace(context, flags);
  // Each agent's pod is looked for in the namespace, which is read once for all of them.
  const world = { ...target, cluster: rememberLists(target.cluster) };
  const { stdout, stderr, env } = context.process;
  try {
    const agents = await askedAgents(world, flags.selector, names);
    const { reports, failures } = await readAll(world, agents);
    if (flags.output === undefined) stdout.write(driftText(reports, painter(stdout, env)));
    else await writeListing({ data: { namespace: world.namespace, agents: reports }, names: reports.map(({ agent }) => agent) }, flags.output, context.process);
    for (const failure of failures) stderr.write(errorText(failure));
    if (failures.length > 0) context.process.exitCode = failures.length === agents.length ? EXIT.failed : EXIT.partial;
    else if (reports.some(({ drift }) => drift.length > 0)) context.process.exitCode = EXIT.no;
  } finally {
    target.cluster.close();
  }
}

async function askedAgents(world: NamespaceTarget, selector: LabelSelector | undefined, names: readonly string[]): Promise<readonly string[]> {
  if (selector !== undefined && names.length > 0) throw namesAndSelector();
  if (selector !== undefined) return selectedAgents(world, selector);
  return names.length > 0 ? names : agentNamesOf(await readNamespace(world.cluster, world.namespace), world.declared);
}

/** Gateways that are asked at once: a gateway's first answer costs it seconds of processor time, and several may share a node. */
const AT_ONCE = 4;

async function readAll(world: NamespaceTarget, agents: readonly string[]) {
  const answers = await concurrently(agents, AT_ONCE, async (agent): Promise<AgentReport | FrotaError> => {
    try {
      const { changes, isDeclarationNewer } = await agentDrift(world, agent);
      return { agent, drift: changes.map(driftEntry), isDeclarationNewer };
    } catch (error) {
      // One agent that cannot be asked does not hide the others; a name that is not there is a mistake of the caller.
      if (!(error instanceof FrotaError) || error.outcome === "usage") throw error;
      return error;
    }
  });
  return {
    reports: answers.flatMap((answer) => (answer instanceof FrotaError ? [] : [answer])),
    failures: answers.flatMap((answer) => (answer instanceof FrotaError ? [answer] : [])),
  };
}

function driftText(reports: readonly AgentReport[], paint: Paint): string {
  return reports.map((report) => `${agentText(report, paint).join("\n")}\n`).join("");
}

function agentText({ agent, drift, isDeclarationNewer }: AgentReport, paint: Paint): string[] {
  if (drift.length === 0) return [`${paint("bold", agent)} as declared`];
  const isOverridden = drift.some(({ change }) => change !== "added");
  const isUncertain = isDeclarationNewer && drift.some(({ atNextStart }) => atNextStart === "put-back");
  return [
    `${paint("bold", agent)} differs in ${drift.length} key${drift.length === 1 ? "" : "s"}`,
    ...drift.map((entry) => `  ${entryText(entry, paint)}`),
    ...(isUncertain ? ["  (the declaration is newer than the agent's start: what it has not taken over yet is among these)"] : []),
    `  keep with: frota adopt ${agent}${drift.length === 1 ? "" : " KEY"}${isOverridden ? `; take the declared values back with: frota restart ${agent}` : ""}`,
  ];
}

function entryText(entry: DriftEntry, paint: Paint): string {
  const { path, declared, own, change } = entry;
  if (change === "added") return `${paint("green", "+")} ${path}: ${shown(own)}${entry.isSecret ? " (a credential: it belongs in Vault)" : ""}`;
  const now = change === "removed" ? "removed" : shown(own);
  return `${paint("yellow", change === "removed" ? "-" : "~")} ${path}: declared ${shown(declared)}, the agent's ${now} (conflict: the declared value returns at the next start)`;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
