import { AGENT_LABEL } from "../../engine/observe/agent-facts.ts";
import { followLogs, readLogs, type LogNotice, type LogsRequest } from "../../engine/logs/agent-logs.ts";
import type { AgentLine } from "../../engine/logs/log-line.ts";
import { unknownAgents } from "../../engine/apply/restart-agents.ts";
import { FrotaError } from "../../spec/error.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import { shownAgents } from "../target/agent-choice.ts";
import { AgentColors, plainText } from "../terminal/agent-colors.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";

/** Flags of `frota logs`. */
export interface LogFlags extends ClusterFlags {
  readonly all: boolean;
  readonly selector?: LabelSelector;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tail?: number;
  /** Seconds. */
  readonly since?: number;
  readonly grep?: RegExp;
}

/** Agents whose logs are read without being named. */
const UNNAMED = 20;
/** Lines of each of several agents, when nothing says how many. */
const TAIL = 10;

/** `frota logs [agent...]` */
export async function showLogs(context: CliContext, flags: LogFlags, given: readonly string[]): Promise<void> {
  if (flags.follow && flags.previous) throw usage("an earlier log has ended: it cannot be followed", "give --previous or --follow");
  if (flags.all && (given.length > 0 || flags.selector !== undefined)) throw usage("name agents, or select them with -l, or give --all", "frota logs --all");
  const world = await openNamespace(context, flags);
  try {
    const names = await shownAgents(world, flags.selector, given);
    const chosen = { agents: await chosenAgents(world, flags, names), isSingle: given.length === 1 };
    const view = new LogView(context, { ...chosen, grep: flags.grep });
    const request = requestOf(context, world, flags, chosen);
    if (flags.follow) await followLogs({ ...request, ...view.listeners, agents: names.length > 0 ? chosen.agents : undefined });
    else await readThem(view, { ...request, ...view.listeners, previous: flags.previous });
  } finally {
    world.cluster.close();
  }
}

/** Whose logs. */
interface Chosen {
  readonly agents: readonly string[];
  /** One was named: its lines stand alone. */
  readonly isSingle: boolean;
}

function requestOf({ signal }: CliContext, { cluster, namespace }: NamespaceTarget, flags: LogFlags, { agents, isSingle }: Chosen) {
  const { grep, since, tail } = flags;
  const isUnlimited = isSingle || since !== undefined || grep !== undefined;
  const lines = tail ?? (isUnlimited ? undefined : TAIL);
  return {
    cluster,
    namespace,
    agents,
    signal,
    ...(lines === undefined ? {} : { tail: lines }),
    ...(since === undefined ? {} : { sinceSeconds: since }),
    ...(grep ? { filter: (text: string) => grep.test(text) } : {}),
  };
}

async function readThem(view: LogView, request: LogsRequest & { readonly previous: boolean }): Promise<void> {
  const reasons: string[] = [];
  const onNotice = (notice: LogNotice) => {
    if (notice.type === "no-log") reasons.push(`${notice.agent} has no ${request.previous ? "earlier " : ""}log: ${notice.reason}`);
    else view.listeners.onNotice(notice);
  };
  const read = await readLogs({ ...request, onNotice });
  const [first] = reasons;
  if (read === 0 && first !== undefined) {
    throw new FrotaError({ code: "NO_LOG", message: first, next: request.previous ? "without --previous it is the log of the present one; `frota status` says how it is" : "`frota status` says why" });
  }
  for (const reason of reasons) view.say(reason);
  if (view.printed === 0) view.say("no such lines");
}

/** Those that are named, or all that the namespace has. Throws AGENT_UNKNOWN, LOGS_ARGUMENTS, NO_LOG. */
async function chosenAgents({ cluster, namespace }: NamespaceTarget, { all }: LogFlags, names: readonly string[]): Promise<readonly string[]> {
  const deployments = await cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace, labelSelector: AGENT_LABEL });
  const known = [...new Set(deployments.map(({ metadata }) => metadata.labels?.[AGENT_LABEL] ?? ""))].toSorted();
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) throw unknownAgents(missing, namespace, known);
  if (names.length > 0) return [...new Set(names)];
  if (known.length === 0) throw new FrotaError({ code: "NO_LOG", message: `namespace ${namespace} has no agents`, next: "`frota apply` creates them" });
  if (known.length <= UNNAMED || all) return known;
  throw usage(`namespace ${namespace} has ${known.length} agents: that is a lot to read`, "name some, or give --all");
}

function usage(message: string, next: string): FrotaError {
  return new FrotaError({ code: "LOGS_ARGUMENTS", message, next, outcome: "usage" });
}

/** Prints lines, each with its agent when there are several, and on stderr what happened to the agents. */
class LogView {
  readonly #context: CliContext;
  readonly #colors: AgentColors;
  readonly #isSingle: boolean;
  readonly #grep: RegExp | undefined;
  /** Lines so far. */
  printed = 0;

  constructor(context: CliContext, { agents, isSingle, grep }: Chosen & { readonly grep: RegExp | undefined }) {
    const { stdout, env } = context.process;
    this.#context = context;
    this.#colors = new AgentColors(painter(stdout, env), agents);
    this.#isSingle = isSingle;
    this.#grep = grep && new RegExp(grep.source, `${grep.flags}g`);
  }

  readonly listeners = {
    onLine: (line: AgentLine) => this.#print(line),
    onNotice: (notice: LogNotice) => this.say(noticeText(notice)),
  };

  /** A dim paragraph on stderr. */
  say(text: string): void {
    const { stderr, env } = this.#context.process;
    const paint = painter(stderr, env);
    const lines = wrapParagraph(`-- ${plainText(text)}`, stderr).trimEnd().split("\n");
    stderr.write(lines.map((line) => `${paint("dim", line)}\n`).join(""));
  }

  #print({ agent, text }: AgentLine): void {
    const { stdout, env } = this.#context.process;
    const paint = painter(stdout, env);
    const prefix = this.#isSingle ? "" : `${this.#colors.name(agent)} ${paint("dim", "|")} `;
    const shown = stdout.isTTY === true ? plainText(text) : text;
    const marked = this.#grep ? shown.replaceAll(this.#grep, (found) => (found === "" ? "" : paint("bold", found))) : shown;
    stdout.write(`${prefix}${marked}\n`);
    this.printed++;
  }
}

function noticeText(notice: LogNotice): string {
  if (notice.type === "no-log") return `${notice.agent} has no log yet: ${notice.reason}; waiting for it`;
  if (notice.type === "problem") return notice.agent === undefined ? `${notice.reason}; going on when it is back` : `${notice.agent}: ${notice.reason}`;
  return `${notice.agent} restarted${notice.why === undefined ? "" : `: ${notice.why}`} (pod ${notice.pod})`;
}
