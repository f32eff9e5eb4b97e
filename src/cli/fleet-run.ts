import { connect, type Cluster } from "../cluster/cluster.ts";
import type { ApplyRequest } from "../engine/apply-fleet.ts";
import { declareFleet } from "../engine/declare-fleet.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { imageReader, secretKeysReader } from "./fleet-readers.ts";
import { readFleet } from "./read-fleet.ts";
import { resolveTarget, type Target } from "./target.ts";

/** A rendered fleet and everything that applying or comparing it needs. */
export type FleetRun = Pick<ApplyRequest, "cluster" | "declared" | "images" | "secrets"> & {
  readonly target: Target;
  readonly cluster: Cluster;
};

/** Reads the repository as the target runs it, renders it (or the named agents), and connects. */
export async function openFleet(
  context: CliContext,
  flags: Pick<ClusterFlags, "context" | "repo">,
  agents: readonly string[],
): Promise<FleetRun> {
  const { source } = await readFleet(context.cwd, flags.repo);
  // A mistyped name is told before a missing cluster.
  declareFleet(source, agents);
  const target = await resolveTarget(flags, context.process.env);
  const overlaid = target.overlay(source);
  const cluster = await connect(target.kubeconfig);
  return {
    target,
    cluster,
    declared: declareFleet(overlaid, agents),
    images: imageReader(context, target, overlaid.fleet, cluster),
    secrets: secretKeysReader(context, target, overlaid.fleet),
  };
}
