import type { AgentStatus, Condition, FleetStatus, RestartRecord, RolloutStatus, RolloutVerb } from "../../decide/status.ts";
import type { Manifest } from "../../render/manifest.ts";
import { isPlainMap, valueAt, type PlainMap } from "../../spec/plain-data.ts";
import { mapsAt, numberAt, textAt, textsAt } from "../../spec/plain-field.ts";
import { present } from "./present.ts";
import { restartCauseOf } from "./restart-cause.ts";

/**
 * The status of an Agent as its controller last wrote it; undefined where there is none, or nobody can read it: then it is made anew. What
 * somebody else wrote into it is not in it. The same object again for the same status.
 */
export const agentStatusOf = remembered((status): AgentStatus | undefined => {
  const observedGeneration = numberAt(status, "observedGeneration");
  const phase = PHASES.find((known) => known === textAt(status, "phase"));
  if (observedGeneration === undefined || phase === undefined) return undefined;
  return {
    observedGeneration,
    phase,
    conditions: conditionsOf(status),
    image: present({
      digest: textAt(status, "image", "digest"),
      openclawVersion: textAt(status, "image", "openclawVersion"),
      previousDigest: textAt(status, "image", "previousDigest"),
      failedDigest: textAt(status, "image", "failedDigest"),
    }),
    secrets: secretsOf(valueAt(status, ["secrets"])),
    restarts: mapsAt(status, "restarts").flatMap((record) => restartRecord(record) ?? []),
    ...present({
      observedFleetGeneration: numberAt(status, "observedFleetGeneration"),
      seen: seenOf(valueAt(status, ["seen"])),
      acknowledgedOperation: textAt(status, "acknowledgedOperation"),
      pendingOperation: textAt(status, "pendingOperation"),
    }),
  };
});

const PHASES: readonly AgentStatus["phase"][] = [
  "Pending",
  "Starting",
  "Ready",
  "WaitingForQuiet",
  "Draining",
  "Checking",
  "Baking",
  "Failed",
  "Suspended",
  "Removing",
];

const CONDITION_TYPES: readonly Condition["type"][] = ["Ready", "ImageCurrent", "ConfigCurrent", "SecretsCurrent", "Reconciling", "Stalled"];

function conditionsOf(status: unknown): Condition[] {
  return mapsAt(status, "conditions").flatMap((entry): Condition[] => {
    const type = CONDITION_TYPES.find((known) => known === entry["type"]);
    const value = (["True", "False", "Unknown"] as const).find((known) => known === entry["status"]);
    if (type === undefined || value === undefined) return [];
    const rest = { reason: textAt(entry, "reason") ?? "", message: textAt(entry, "message") ?? "", lastTransitionTime: textAt(entry, "lastTransitionTime") ?? "" };
    return [{ type, status: value, observedGeneration: numberAt(entry, "observedGeneration") ?? 0, ...rest }];
  });
}

function secretsOf(secrets: unknown): AgentStatus["secrets"] {
  return {
    ...present({
      vaultChangedAt: textAt(secrets, "vaultChangedAt"),
      refreshedAt: textAt(secrets, "refreshedAt"),
      secretChangedAt: textAt(secrets, "secretChangedAt"),
      processStartedAt: textAt(secrets, "processStartedAt"),
    }),
    isProven: valueAt(secrets, ["isProven"]) === true,
  };
}

function restartRecord(record: PlainMap): RestartRecord | undefined {
  const [at, cause] = [textAt(record, "at"), restartCauseOf(record["cause"])];
  return at === undefined || cause === undefined ? undefined : { at, cause, detail: textAt(record, "detail") ?? "" };
}

function seenOf(seen: unknown): AgentStatus["seen"] {
  const podUid = textAt(seen, "podUid");
  if (podUid === undefined) return undefined;
  const optional = present({ restart: textAt(seen, "restart"), restartedAt: textAt(seen, "restartedAt") });
  return { podUid, containerRestarts: numberAt(seen, "containerRestarts") ?? 0, ...optional };
}

const ROLLOUT_PHASES: readonly RolloutStatus["phase"][] = ["Complete", "Progressing", "RollingBack", "Paused", "Halted", "Frozen", "Held"];

/** The status of a Fleet, as {@link agentStatusOf} reads an Agent's. */
export const fleetStatusOf = remembered((status): FleetStatus | undefined => {
  const observedGeneration = numberAt(status, "observedGeneration");
  // Below 0 is the definition's default: no controller has looked at it.
  if (observedGeneration === undefined || observedGeneration < 0) return undefined;
  return {
    observedGeneration,
    conditions: conditionsOf(status),
    agents: {
      total: numberAt(status, "agents", "total") ?? 0,
      ready: numberAt(status, "agents", "ready") ?? 0,
      disrupted: numberAt(status, "agents", "disrupted") ?? 0,
    },
    rollouts: mapsAt(status, "rollouts").flatMap((rollout) => rolloutOf(rollout) ?? []),
    disruptions: mapsAt(status, "disruptions").map((entry) => ({
      agent: textAt(entry, "agent") ?? "",
      cause: textAt(entry, "cause") ?? "",
      since: textAt(entry, "since") ?? "",
    })),
    ...present({
      tag: textAt(status, "tag"),
      frozenUntil: textAt(status, "frozenUntil"),
      unreadableRecords: valueAt(status, ["unreadableRecords"]) === undefined ? undefined : textsAt(status, "unreadableRecords"),
      removalsHeld: removalsHeldOf(valueAt(status, ["removalsHeld"])),
      acknowledgedOperation: textAt(status, "acknowledgedOperation"),
    }),
  };
});

function removalsHeldOf(held: unknown): FleetStatus["removalsHeld"] {
  const [agents, message] = [numberAt(held, "agents"), textAt(held, "message")];
  return agents === undefined || message === undefined ? undefined : { agents, message };
}

function rolloutOf(rollout: PlainMap): RolloutStatus | undefined {
  const [channel, digest] = [textAt(rollout, "channel"), textAt(rollout, "digest")];
  const phase = ROLLOUT_PHASES.find((known) => known === rollout["phase"]);
  if (channel === undefined || digest === undefined || phase === undefined) return undefined;
  return {
    channel,
    digest,
    phase,
    message: textAt(rollout, "message") ?? "",
    waves: mapsAt(rollout, "waves").map((wave) => ({
      name: textAt(wave, "name") ?? "",
      agents: textsAt(wave, "agents"),
      done: numberAt(wave, "done") ?? 0,
      failed: numberAt(wave, "failed") ?? 0,
    })),
    done: numberAt(rollout, "done") ?? 0,
    total: numberAt(rollout, "total") ?? 0,
    failedAgents: mapsAt(rollout, "failedAgents").map((agent) => ({ name: textAt(agent, "name") ?? "", reason: textAt(agent, "reason") ?? "" })),
    ...present({
      openclawVersion: textAt(rollout, "openclawVersion"),
      previousDigest: textAt(rollout, "previousDigest"),
      operations: operationsOf(rollout["operations"]),
    }),
  };
}

const VERBS: readonly RolloutVerb[] = ["start", "pause", "resume", "abort", "undo"];

function operationsOf(operations: unknown): RolloutStatus["operations"] {
  return Array.isArray(operations) ? operations.flatMap((verb) => VERBS.find((known) => known === verb) ?? []) : undefined;
}

/** A thousand agents are looked at each time that one of them changes: a status is read once. */
function remembered<Status>(read: (status: PlainMap) => Status | undefined): (resource: Manifest | undefined) => Status | undefined {
  const known = new WeakMap<PlainMap, { readonly status: Status | undefined }>();
  return (resource) => {
    const status = resource?.["status"];
    if (!isPlainMap(status)) return undefined;
    const found = known.get(status) ?? { status: read(status) };
    known.set(status, found);
    return found.status;
  };
}
