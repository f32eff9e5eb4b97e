import type { FleetEvent } from "../../engine/events/fleet-event.ts";
import { agentsOf, followEvents, readEvents, type EventsRequest } from "../../engine/events/read-events.ts";
import { unknownAgents } from "../../engine/apply/restart-agents.ts";
import type { LabelSelector } from "../../spec/label-selector.ts";
import { shownAgents } from "../target/agent-choice.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { formatDuration } from "../terminal/duration.ts";
import { EventLines } from "./event-text.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota events`. */
export interface EventFlags extends ClusterFlags {
  readonly selector?: LabelSelector;
  readonly watch: boolean;
  /** Seconds. */
  readonly since?: number;
  readonly output?: OutputFormat;
}

/** What `--watch` begins with, in seconds. */
const RECENT = 600;

/** `frota events [agent...]` */
export async function showEvents(context: CliContext, flags: EventFlags, given: readonly string[]): Promise<void> {
  const target = await openNamespace(context, flags);
  const { cluster, namespace, declared } = target;
  try {
    const names = await shownAgents(target, flags.selector, given);
    const seconds = flags.since ?? (flags.watch ? RECENT : Number.POSITIVE_INFINITY);
    const request = { cluster, namespace, declared, agents: names, since: Date.now() - seconds * 1000 };
    const known = await agentsOf(request);
    const missing = names.filter((name) => !known.has(name));
    if (missing.length > 0) throw unknownAgents(missing, namespace, [...known]);
    const { stdout, env } = context.process;
    const shown = names.length > 0 ? { agents: names, isWhole: false } : { agents: [...known].toSorted(), isWhole: true };
    const lines = new EventLines(stdout, painter(stdout, env), shown);
    if (flags.watch) await watch(context, flags, request, lines);
    else await showOnce(context, flags, request, lines);
  } finally {
    cluster.close();
  }
}

async function showOnce(context: CliContext, { output, since }: EventFlags, request: EventsRequest, lines: EventLines): Promise<void> {
  const { stdout, stderr } = context.process;
  const events = await readEvents(request);
  if (output !== undefined) return writeStructured({ namespace: request.namespace, events }, output, stdout);
  for (const event of events) stdout.write(lines.text(event, new Date()));
  if (events.length === 0) stderr.write(`nothing happened${since === undefined ? ": a cluster keeps events for an hour, mostly" : ` in the last ${formatDuration(since * 1000)}`}\n`);
}

/** Ends with Ctrl-C, which is no failure. */
async function watch(context: CliContext, { output }: EventFlags, request: EventsRequest, lines: EventLines): Promise<void> {
  const { stdout, stderr, env } = context.process;
  const { yamlText } = await import("../terminal/yaml-text.ts");
  const text = (event: FleetEvent) => {
    if (output === "json") return `${JSON.stringify(event)}\n`;
    return output === "yaml" ? `---\n${yamlText(event)}` : lines.text(event, new Date());
  };
  await followEvents(request, {
    signal: context.signal,
    onEvent: (event) => stdout.write(text(event)),
    onDisconnected: (reason) => stderr.write(`${painter(stderr, env)("dim", `-- ${reason}; going on when it is back`)}\n`),
  });
}
