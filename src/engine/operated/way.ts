import type { Cluster } from "../../cluster/cluster.ts";
import type { Refusal } from "../../plan/change-set.ts";
import { FrotaError } from "../../spec/error.ts";
import { controllerLiveness, type ControllerLiveness } from "../observe/controller-liveness.ts";
import { AGENT_KIND } from "../operate/resource-kinds.ts";

/** Which of the two ways a fleet runs. */
export type Way = { readonly kind: "plain" } | { readonly kind: "operated"; readonly liveness: ControllerLiveness };

/** The operated way wherever the cluster has Frota's resource definitions; `now` is compared with the controller's Lease. */
export async function wayOf(cluster: Cluster, namespace: string, now: Date): Promise<Way> {
  if (!(await cluster.serves(AGENT_KIND))) return { kind: "plain" };
  return { kind: "operated", liveness: await controllerLiveness(cluster, namespace, now) };
}

/** Whether a controller reconciles the fleet now: then it is asked, and decides when. */
export function isReconciled(way: Way): boolean {
  return way.kind === "operated" && way.liveness.isLive;
}

/** Why nothing may be applied in the plain way now, if so: a live controller would put it back. Pure. */
export function plainRefusals(way: Way, namespace: string): readonly Refusal[] {
  if (way.kind === "plain" || !way.liveness.isLive) return [];
  return [
    {
      code: "CONTROLLER_LIVE",
      message: `${way.liveness.holder ?? "a controller"} reconciles namespace ${namespace} and would put back what the plain way writes`,
      next: "leave --plain away; back to the plain way: `frota controller uninstall` first, then `frota apply --plain`",
    },
  ];
}

/** Throws NO_CONTROLLER (outcome `noController`) unless a controller reconciles the fleet. */
export function requireController({ liveness }: Extract<Way, { kind: "operated" }>, namespace: string): void {
  if (liveness.isLive) return;
  const last = liveness.holder === undefined ? "" : `; the last was ${liveness.holder}, silent for ${liveness.renewedSecondsAgo ?? "many"} s`;
  const isInstalled = liveness.installed ? "the controller is installed but none of its replicas is live" : "no controller is installed";
  throw new FrotaError({
    code: "NO_CONTROLLER",
    message: `the cluster has Frota's resources, but nothing reconciles those of namespace ${namespace}: ${isInstalled}${last}`,
    next: liveness.installed
      ? "`frota controller status` shows why; `frota controller run` takes over in the foreground"
      : "`frota controller install`, or `frota controller run` in the foreground; without a controller: `frota apply --plain`",
    outcome: "noController",
  });
}

/** Throws NOT_OPERATED for a command that only the operated way has. */
export function requireOperated(way: Way, namespace: string): asserts way is Extract<Way, { kind: "operated" }> {
  if (way.kind === "operated") return;
  throw new FrotaError({
    code: "NOT_OPERATED",
    message: `the fleet in namespace ${namespace} runs in the plain way: the cluster has none of Frota's resources`,
    next: "`frota controller install` makes it operated; nobody restarts for it",
    outcome: "refused",
  });
}
