import { excerpt } from "../../decide/words.ts";
import type { Manifest } from "../../render/manifest.ts";
import { RESTART_CONFIG_ANNOTATION, RESTART_ID_ANNOTATION } from "../../render/names.ts";
import { mapsAt, textAt } from "../../spec/plain-field.ts";
import { condition, CONTAINER, podFacts, type TerminationFacts } from "../observe/agent-facts.ts";
import { OPERATED, RESTARTED_AT } from "../operate/annotations.ts";
import { parsePlainMap } from "../operate/parse.ts";

/** How a container ended: `exit code 137 (OOMKilled): last words`. */
function endWords({ reason, exitCode, message }: TerminationFacts): string {
  const why = reason === "" || reason === "Error" || reason === "Completed" ? "" : ` (${reason})`;
  return `exit code ${exitCode}${why}${message === undefined ? "" : `: ${excerpt(message)}`}`;
}

/** Why the container of a pod began again; undefined where the pod does not tell. */
export function containerRestartWords(pod: Manifest): string | undefined {
  const status = mapsAt(pod, "status", "containerStatuses").find((entry) => entry["name"] === CONTAINER);
  const ended = podFacts({ ...pod, status: { containerStatuses: [{ ...status, state: {} }] } }).terminated;
  return ended && `its gateway ended with ${endWords(ended)}`;
}

/** Why `pod` took the place of `before`, out of what differs between them and of what the Deployment says. */
export function replacementWords(before: Manifest, pod: Manifest, deployment: Manifest | undefined): string {
  return recordedCause(before, pod, deployment) ?? templateChange(before, pod) ?? disruptionOf(before);
}

/** The restart that the controller wrote down for this pod. */
function recordedCause(before: Manifest, pod: Manifest, deployment: Manifest | undefined): string | undefined {
  const restart = parsePlainMap(deployment?.metadata.annotations?.[OPERATED.restart]);
  const id = pod.metadata.annotations?.[RESTART_ID_ANNOTATION];
  if (id === undefined || id !== textAt(restart, "id") || !differ(before, pod, RESTART_ID_ANNOTATION)) return undefined;
  return [textAt(restart, "cause"), textAt(restart, "detail")].filter((part) => part).join(": ");
}

function templateChange(before: Manifest, pod: Manifest): string | undefined {
  if (differ(before, pod, RESTARTED_AT)) return "a restart was asked for";
  if (imageOf(before) !== imageOf(pod)) return "another image";
  if (differ(before, pod, RESTART_CONFIG_ANNOTATION)) return "its configuration changed";
  return hashOf(before) === hashOf(pod) ? undefined : "its Deployment changed";
}

function disruptionOf(pod: Manifest): string {
  const told = textAt(condition(pod, "DisruptionTarget"), "message") ?? textAt(pod, "status", "message");
  return told === undefined ? "its pod was deleted, evicted or lost" : excerpt(told);
}

function differ(one: Manifest, other: Manifest, annotation: string): boolean {
  return one.metadata.annotations?.[annotation] !== other.metadata.annotations?.[annotation];
}

function hashOf(pod: Manifest): string | undefined {
  return pod.metadata.labels?.["pod-template-hash"];
}

function imageOf(pod: Manifest): string | undefined {
  const container = mapsAt(pod, "spec", "containers").find(({ name }) => name === CONTAINER);
  return textAt(container, "image");
}
