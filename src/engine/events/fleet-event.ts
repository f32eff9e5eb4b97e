import type { Manifest } from "../../render/manifest.ts";
import { numberAt, textAt } from "../../spec/plain-field.ts";
import { eventWords } from "./event-words.ts";

/** Something that happened in a fleet. Times in ISO 8601. */
export interface FleetEvent {
  /** When it happened last. */
  readonly time: string;
  readonly first: string;
  /** How often. */
  readonly count: number;
  /** Absent for what concerns the whole fleet. */
  readonly agent?: string;
  /** `Pod/clovis-6d4cf56db6-x7k2p` */
  readonly object: string;
  readonly severity: "Normal" | "Warning";
  /** Kubernetes' own word. */
  readonly reason: string;
  readonly message: string;
  /** In words. */
  readonly what: string;
}

/** Kinds of which a fleet's namespace has no others than the fleet's. */
const FLEET_KINDS: ReadonlySet<string> = new Set(["Fleet", "SecretStore", "PodDisruptionBudget", "ControllerRevision", "Namespace"]);

/** How an agent's name becomes the names of its objects, by kind. */
const OBJECT_NAMES: Readonly<Record<string, RegExp>> = {
  Agent: /^(.+)$/,
  Deployment: /^(.+)$/,
  Service: /^(.+)$/,
  ServiceAccount: /^(.+)$/,
  NetworkPolicy: /^(.+)$/,
  ReplicaSet: /^(.+)-[a-z0-9]+$/,
  Pod: /^(.+)-[a-z0-9]+-[a-z0-9]+$/,
  PersistentVolumeClaim: /^(.+)-state$/,
  ExternalSecret: /^(.+)-env$/,
  Secret: /^(.+)-env$/,
  ConfigMap: /^(.+)-(?:config|workspace|start-guard)$/,
};

/** What a Kubernetes Event tells of a fleet with these agents; undefined where it is about something else. */
export function fleetEvent(event: Manifest, agents: ReadonlySet<string>): FleetEvent | undefined {
  const [kind = "", name = "", reason = "", message = ""] = [
    textAt(event, "involvedObject", "kind"),
    textAt(event, "involvedObject", "name"),
    textAt(event, "reason"),
    textAt(event, "message"),
  ];
  const agent = agentOf(kind, name, agents);
  if (agent === undefined && !FLEET_KINDS.has(kind)) return undefined;
  return {
    ...timesOf(event),
    count: countOf(event),
    ...(agent === undefined ? {} : { agent }),
    object: `${kind}/${name}`,
    severity: textAt(event, "type") === "Warning" ? "Warning" : "Normal",
    reason,
    message,
    what: eventWords({ kind, reason, message }),
  };
}

/** The agent that an object belongs to, by its name: the object itself may be gone. */
function agentOf(kind: string, name: string, agents: ReadonlySet<string>): string | undefined {
  const agent = OBJECT_NAMES[kind]?.exec(name)?.[1];
  // An Agent resource may have nothing that runs yet.
  return agent !== undefined && (kind === "Agent" || agents.has(agent)) ? agent : undefined;
}

function countOf(event: Manifest): number {
  return numberAt(event, "series", "count") ?? numberAt(event, "count") ?? 1;
}

function timesOf(event: Manifest): Pick<FleetEvent, "time" | "first"> {
  const made = textAt(event, "eventTime") ?? textAt(event, "metadata", "creationTimestamp") ?? "";
  const time = textAt(event, "series", "lastObservedTime") ?? textAt(event, "lastTimestamp") ?? made;
  return { time: isoTime(time), first: isoTime(textAt(event, "firstTimestamp") ?? made) };
}

/** Events mix whole seconds and microseconds: in one form their texts compare as the times do. */
function isoTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? "" : new Date(time).toISOString();
}
