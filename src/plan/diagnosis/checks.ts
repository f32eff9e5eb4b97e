import type { Observed } from "../secret-observations.ts";
import { valueOf } from "./finding.ts";
import type { AgentObservation, GatewayObservation } from "./observation.ts";

/** One thing that was looked at, or could not be. */
export interface Check {
  /** `Pod`, `Volume`: in the order in which they depend on each other. */
  readonly subject: string;
  readonly state: "fine" | "trouble" | "unknown";
  /** What was seen, or why it could not be. */
  readonly detail: string;
}

const MEBIBYTE = 2 ** 20;

/** How everything that was looked at is, in a few words each. */
export function checksOf(observation: AgentObservation): Check[] {
  const { deployment, pod, node, claim, volumeUse, secrets, gateway, events, log, lastWords, hold } = observation;
  return [
    judge("Deployment", deployment, ({ image, replicas }) => [replicas > 0, image]),
    judge("Pod", pod, (value) => [value.isReady, podText(value)]),
    judge("Node", node, ({ name, isReady, pressures }) => [isReady && pressures.length === 0, [`${name} is ${isReady ? "ready" : "not ready"}`, ...pressures].join(", ")]),
    judge("Volume", claim, ({ name, phase, size, storageClass }) => [phase === "Bound", `${name} ${phase}, ${size ?? "size unknown"}, class ${storageClass ?? "unnamed"}`]),
    judge("Space", volumeUse, ({ size, free }) => [free / size > 0.15, `${Math.floor(free / MEBIBYTE)} MiB of ${Math.floor(size / MEBIBYTE)} MiB free`]),
    ...secretChecks(secrets),
    judge("Gateway", gateway, ({ startup, failing }) => [startup === "started" && failing.length === 0, [startup, ...failing].join(", ")]),
    ...rpcChecks(gateway),
    judge("Events", events, (list) => warningsText(list.filter(({ isWarning }) => isWarning).map(({ reason }) => reason))),
    judge("Log", log, (lines) => [true, `${lines.length} lines read`]),
    ...(lastWords.state === "unknown" ? [judge("Last words", lastWords, () => [true, ""])] : []),
    ...(hold.state === "absent" ? [] : [judge("Controller", hold, ({ stalled, suspended, frozen }) => [stalled === undefined, stalled ?? suspended ?? frozen ?? "holds nothing back"])]),
  ];
}

function judge<Value>(subject: string, observed: Observed<Value>, look: (value: Value) => readonly [isFine: boolean, detail: string]): Check {
  if (observed.state === "unknown") return { subject, state: "unknown", detail: observed.reason };
  if (observed.state === "absent") return { subject, state: "trouble", detail: "there is none" };
  const [isFine, detail] = look(observed.value);
  return { subject, state: isFine ? "fine" : "trouble", detail };
}

function podText({ name, isReady, isRunning, waiting, phase, restarts }: { name: string; isReady: boolean; isRunning: boolean; waiting?: { reason: string }; phase: string; restarts: number }): string {
  const how = isReady ? "Ready" : isRunning ? "runs, not Ready" : (waiting?.reason ?? phase);
  return `${name} ${how}${restarts > 0 ? `, restarted ${restarts} ${restarts === 1 ? "time" : "times"}` : ""}`;
}

function secretChecks(secrets: AgentObservation["secrets"]): Check[] {
  const chain = valueOf(secrets);
  if (!chain) return [judge("Secrets", secrets, () => [true, ""])];
  const unknown = chain.links.filter(({ state }) => state === "unknown");
  const known = chain.links.filter(({ state }) => state !== "unknown");
  const broken = known.find(({ state }) => state === "broken");
  const fine = known.map(({ link, message }) => `${link}: ${message}`).join("; ");
  return [
    ...(known.length > 0 ? [{ subject: "Secrets", state: broken ? "trouble" : "fine", detail: broken ? `${broken.link}: ${broken.message}` : fine } as const] : []),
    ...unknown.map(({ link, message }) => ({ subject: link === "vault" ? "Vault" : `Secrets, ${link}`, state: "unknown", detail: message.replace(/^Vault could not be asked: /, "") }) as const),
  ];
}

function rpcChecks(gateway: Observed<GatewayObservation>): Check[] {
  const rpc = valueOf(gateway)?.rpc;
  if (!rpc) return [];
  if (rpc.state !== "found") return [judge("Models, channels", rpc, () => [true, ""])];
  return [
    judge("Model", rpc, ({ modelProblems }) => [modelProblems.length === 0, modelProblems.join("; ") || "its credential is there"]),
    judge("Channels", rpc, ({ channels }) => {
      const lost = channels.filter(({ isConnected }) => !isConnected).map(({ id }) => id);
      const text = channels.length === 0 ? "none is configured" : `${channels.length - lost.length} of ${channels.length} connected`;
      return [lost.length === 0, lost.length === 0 ? text : `${text}; not: ${lost.join(", ")}`];
    }),
  ];
}

function warningsText(reasons: readonly string[]): readonly [boolean, string] {
  return [true, reasons.length === 0 ? "no warning" : `warnings, the newest last: ${[...new Set(reasons)].slice(-4).join(", ")}`];
}
