import type { Cluster } from "../../cluster/cluster.ts";
import { freezeText, suspensionHold } from "../../engine/operated/hold.ts";
import { fleetOf, requestFreeze, requestSuspension } from "../../engine/operated/request.ts";
import { requireAgents } from "../../engine/operated/require-agents.ts";
import { freezesIn, suspensionIn, suspensionWords, type Freeze } from "../../engine/operated/standstill.ts";
import { OPERATED } from "../../engine/operate/annotations.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { requireChoice, selectedAgents, type ChoiceFlags } from "../target/agent-choice.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { withOperated } from "./operated-actions.ts";
import { requester } from "./requester.ts";

type FreezeFlags = ClusterFlags & { readonly for?: number; readonly reason?: string; readonly end: boolean; readonly dryRun: boolean };

/** Forbids restarts on purpose for a time, or ends that; says what was on before, whose reason stays unless there is a new one. */
export async function freeze(context: CliContext, flags: FreezeFlags): Promise<void> {
  if (flags.end === (flags.for !== undefined)) {
    throw new FrotaError({ code: "FREEZE_UNCLEAR", message: "say how long with --for, or --end", next: "frota freeze --for 2h --reason \"release day\"", outcome: "usage" });
  }
  if (flags.end && flags.reason !== undefined) {
    throw new FrotaError({ code: "FREEZE_UNCLEAR", message: "--reason is shown while a freeze lasts, and --end ends it", next: "frota freeze --end", outcome: "usage" });
  }
  // Without a live controller nothing is restarted anyway, and the freeze holds from its first moment.
  await withOperated(context, flags, async ({ cluster, namespace }) => {
    const fleet = await fleetOf(cluster, namespace);
    const now = new Date();
    const before = freezesIn(fleet, now);
    const say = lines(context);
    if (flags.for === undefined) return endFreeze(cluster, fleet, before, say);
    const old = before.find(({ from }) => from === "request");
    const next: Freeze = { until: new Date(now.getTime() + flags.for * 1000).toISOString(), from: "request", by: requester(), ...reasonOf({ reason: flags.reason ?? old?.reason }) };
    await requestFreeze(cluster, fleet, { until: new Date(next.until), by: next.by ?? "", ...reasonOf(next) });
    say(`${freezeText(next)}; no running agent is restarted on purpose; new agents still start, and a failed image still goes back`);
    if (old) say(`it replaces what was on before: ${freezeText(old)}`);
    tellDeclared(before, say);
  }, { isLive: false });
}

function lines({ process }: CliContext): (line: string) => unknown {
  return (line) => process.stderr.write(`${line}\n`);
}

async function endFreeze(cluster: Cluster, fleet: Manifest, before: readonly Freeze[], say: (line: string) => unknown): Promise<void> {
  const old = before.find(({ from }) => from === "request");
  // One that is over, or that nobody can read, is cleared away as well.
  if (!old && fleet.metadata.annotations?.[OPERATED.freeze] === undefined) throw nothingToEnd(before);
  await requestFreeze(cluster, fleet, undefined);
  say(old ? `ended: ${freezeText(old)}` : "the freeze that somebody asked for was over already");
  tellDeclared(before, say);
}

function tellDeclared(before: readonly Freeze[], say: (line: string) => unknown): void {
  const declared = before.find(({ from }) => from === "declaration");
  if (declared) say(`note: a window of fleet.yaml is on as well, which \`frota freeze --end\` cannot end: ${freezeText(declared)}`);
}

function nothingToEnd([declared]: readonly Freeze[]): FrotaError {
  return new FrotaError({
    code: "NOT_FROZEN",
    message: declared ? `nobody asked for a freeze; what is on is a window of fleet.yaml, which this cannot end: ${freezeText(declared)}` : "nobody asked for a freeze, and no window of fleet.yaml is on",
    next: declared ? "take the window out of spec.disruption.freezes in fleet.yaml and apply that, or wait for its end" : "`frota status` shows what holds the fleet",
    outcome: "refused",
  });
}

/** Makes the controller leave agents (or the whole fleet) as they are, or ends that. Who asked first, and why, stays on record unless a further reason is given. */
export async function suspend(
  context: CliContext,
  flags: ClusterFlags & ChoiceFlags & { readonly reason?: string; readonly dryRun: boolean },
  { names, isSuspended }: { readonly names: readonly string[]; readonly isSuspended: boolean },
): Promise<void> {
  requireChoice(isSuspended ? "suspend" : "resume", flags, names);
  await withOperated(context, flags, async (target, named) => {
    const { cluster, namespace } = target;
    const chosen = () => (flags.selector === undefined ? named : selectedAgents(target, flags.selector).then((found) => requireAgents(cluster, namespace, found)));
    const objects = flags.all ? [await fleetOf(cluster, namespace)] : await chosen();
    const say = (object: Manifest, effect: string) => context.process.stderr.write(`${flags.all ? "the fleet" : object.metadata.name}: ${effect}\n`);
    if (isSuspended) return suspendObjects(cluster, objects, reasonOf(flags), say);
    return resumeObjects(cluster, objects, say);
  }, { isLive: false, agents: names });
}

type Say = (object: Manifest, effect: string) => unknown;

async function suspendObjects(cluster: Cluster, objects: readonly Manifest[], reason: { readonly reason?: string }, say: Say): Promise<void> {
  const suspension = { by: requester(), at: new Date(), ...reason };
  for (const object of objects) {
    const before = suspensionIn(object);
    if (before?.from === "request" && suspension.reason === undefined) {
      say(object, `suspended already, ${suspensionWords(before)}; that stays as it is (a new --reason replaces it)`);
      continue;
    }
    await requestSuspension(cluster, object, suspension);
    const beside = before && (before.from === "request" ? `; it replaces what was on before: suspended ${suspensionWords(before)}` : `; it is suspended ${suspensionWords(before)} as well`);
    say(object, `suspended: it goes on as it is, the controller writes nothing of it${beside ?? ""}`);
  }
}

/** A reason that says something. */
function reasonOf({ reason }: { readonly reason?: string | undefined }): { readonly reason?: string } {
  return reason === undefined || reason.trim() === "" ? {} : { reason };
}

async function resumeObjects(cluster: Cluster, objects: readonly Manifest[], say: Say): Promise<void> {
  const suspended = objects.filter(isSuspendedByRequest);
  if (suspended.length === 0) throw nothingToResume(objects);
  for (const object of objects) {
    const before = suspensionHold(object);
    if (!isSuspendedByRequest(object)) {
      say(object, before ? `stays ${before.words}: ${before.next}` : "was not suspended");
      continue;
    }
    await requestSuspension(cluster, object, undefined);
    const declared = suspensionHold(withoutRequest(object));
    say(object, `resumed; it was ${before?.words.replace(/^the fleet is /, "") ?? "suspended"}${declared ? `. It stays ${declared.words}: ${declared.next}` : ""}`);
  }
}

function isSuspendedByRequest({ metadata }: Manifest): boolean {
  return metadata.annotations?.[OPERATED.suspended] !== undefined;
}

function withoutRequest(object: Manifest): Manifest {
  const { [OPERATED.suspended]: _, ...annotations } = object.metadata.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function nothingToResume(objects: readonly Manifest[]): FrotaError {
  const holds = objects.map((object) => ({ name: object.metadata.name, hold: suspensionHold(object) }));
  const declared = holds.find(({ hold }) => hold);
  return new FrotaError({
    code: "NOT_SUSPENDED",
    message: declared?.hold ? `${declared.name}: ${declared.hold.words}, which this cannot end` : `nobody suspended ${holds.map(({ name }) => name).join(", ")}`,
    next: declared?.hold?.next ?? "`frota status` shows what holds the fleet; `frota rollout resume` goes on with a paused rollout",
    outcome: "refused",
  });
}
