import { lastWarning, eventEvidence, oneLine, valueOf, type Evidence, type Finding, type Recognizer } from "./finding.ts";
import type { AgentObservation, EndObservation, PodObservation } from "./observation.ts";
import { knownWords } from "./openclaw-words.ts";

/** Lines of a log that are shown where nothing in it is recognized. */
const SHOWN_LINES = 6;

/** Why the container ended, or does not begin. */
export const containerTrouble: Recognizer = (observation, now) => {
  const pod = valueOf(observation.pod);
  if (!pod || pod.isReady) return [];
  if (pod.isRunning) return running(observation, pod, now);
  const { ended } = pod;
  if (ended) return [endOf(observation, pod, ended)];
  return pod.waiting === undefined ? [] : notCreated(observation, pod);
};

/** A container that runs now may have been killed before by a probe, or for what it said. */
function running(observation: AgentObservation, pod: PodObservation, now: Date): Finding[] {
  const killed = valueOf(observation.events)?.findLast(({ object, reason, message }) => object === `Pod/${pod.name}` && reason === "Killing" && PROBE.test(message));
  if (killed && pod.restarts > 0) return [probeFailed(observation, killed)];
  if (pod.ended && pod.restarts >= 2) return [endOf(observation, pod, pod.ended)];
  const waits = (valueOf(observation.log) ?? []).findLast((line) => line.startsWith("frota: "));
  if (waits?.includes("another gateway still runs on this volume") === true) {
    const message = "it waits for its volume: its previous gateway still finishes a turn (up to 345 s)";
    return [{ code: "VOLUME_LOCK_WAIT", message, effect: "notice", evidence: [{ from: "log", text: waits }], next: [] }];
  }
  return [starting(observation, pod, now)];
}

const PROBE = /failed (startup|liveness) probe/;

function probeFailed(observation: AgentObservation, killed: { readonly message: string; readonly object: string }): Finding {
  const { agent } = observation;
  const event = eventEvidence(valueOf(observation.events)?.findLast((one) => one.message === killed.message));
  const evidence = [...event, ...eventEvidence(lastWarning(observation, killed.object, /^Unhealthy$/)), ...lastLines(observation)];
  const previous = `frota logs ${agent} --previous   (how far did it get?)`;
  if (PROBE.exec(killed.message)?.[1] === "liveness") {
    const message = "its gateway stops answering, and is started again and again";
    const next = [previous, "a limit of CPU below 1 core, or a node under pressure, does that: raise spec.resources in agent.yaml"];
    return { code: "LIVENESS_PROBE_FAILED", message, effect: "down", evidence, next };
  }
  return {
    code: "STARTUP_PROBE_FAILED",
    message: `its gateway does not start within ${valueOf(observation.deployment)?.startupBudget ?? 540} s, and is killed each time`,
    effect: "down",
    evidence,
    next: [previous, "a start takes 11 to 60 s, more with migrations: give it more CPU (spec.resources in agent.yaml, no limit below 1 core); then: frota apply " + agent],
  };
}

function starting({ deployment }: AgentObservation, pod: PodObservation, now: Date): Finding {
  const seconds = Math.max(0, Math.round((now.getTime() - (pod.startedAt ?? pod.createdAt).getTime()) / 1000));
  const budget = valueOf(deployment)?.startupBudget ?? 0;
  const message = `its gateway starts: for ${seconds} s now, and up to ${budget} s are allowed`;
  return { code: "GATEWAY_STARTING", message, effect: "notice", evidence: [], next: [] };
}

function endOf(observation: AgentObservation, pod: PodObservation, ended: EndObservation): Finding {
  const end = endEvidence(pod, ended);
  if (ended.reason === "OOMKilled") return outOfMemory(observation, end);
  const said = [...(ended.message ?? "").split("\n"), ...(valueOf(observation.lastWords) ?? [])];
  const known = knownWords(said, observation);
  if (known) return { ...known, effect: "down", evidence: [...known.evidence, end] };
  const { agent } = observation;
  const times = pod.restarts === 0 ? "" : `, ${pod.restarts === 1 ? "once" : `${pod.restarts} times`} already`;
  return {
    code: "GATEWAY_CRASHES",
    message: `its gateway ends by itself (exit code ${ended.exitCode}${times}), and nothing known is among its last words`,
    effect: "down",
    evidence: [end, ...lastLines(observation, ended.message)],
    next: [`frota logs ${agent} --previous`, "frota diff   (what changed last?)", `take the last change back, or report the last words; then: frota apply ${agent}`],
  };
}

function outOfMemory({ agent, deployment }: AgentObservation, end: Evidence): Finding {
  const limit = valueOf(deployment)?.memoryLimit;
  return {
    code: "OUT_OF_MEMORY",
    message: `its gateway used more memory than its limit${limit === undefined ? "" : ` of ${limit}`}, and was killed`,
    effect: "down",
    evidence: [end],
    next: [`raise spec.resources.limits.memory in ${agent}/agent.yaml (OpenClaw peaks at 1.2 to 1.5 GB in its first turn; tools need more); then: frota apply ${agent}`],
  };
}

function endEvidence(pod: PodObservation, { reason, exitCode, at }: EndObservation): Evidence {
  const times = pod.restarts > 0 ? `, restarted ${pod.restarts} ${pod.restarts === 1 ? "time" : "times"}` : "";
  return { from: "container", text: `exit code ${exitCode}, ${reason}${times}`, ...(at === undefined ? {} : { at }) };
}

function lastLines(observation: AgentObservation, message?: string): Evidence[] {
  const own = (message ?? "").split("\n").filter((line) => line.trim() !== "");
  const logged = valueOf(observation.lastWords) ?? [];
  const lines = (logged.length > 0 ? logged : own).slice(-SHOWN_LINES);
  return lines.map((line) => ({ from: "last words", text: oneLine(line) }));
}

/** The kubelet cannot make the container at all. */
function notCreated({ agent }: AgentObservation, { name, waiting }: PodObservation): Finding[] {
  const { reason, message } = waiting ?? { reason: "", message: "" };
  const evidence = [{ from: `Pod ${name}`, text: oneLine(`${reason}: ${message}`) }];
  if (reason === "CreateContainerConfigError") {
    const next = [`frota secrets status ${agent}`, `frota apply ${agent}`];
    return [{ code: "CONTAINER_CONFIG", message: `its container cannot be made: ${oneLine(message)}`, effect: "down", evidence, next }];
  }
  if (/^(?:RunContainerError|CreateContainerError|StartError)$/.test(reason)) {
    const next = ["frota image check", "build the image from base/Dockerfile (it has tini, sh and openclaw): frota image build"];
    return [{ code: "CONTAINER_CANNOT_RUN", message: "its container cannot be started from its image", effect: "down", evidence, next }];
  }
  return [];
}
