import type { PlanRequest } from "../../engine/apply/apply-fleet.ts";
import { asOperated } from "../../engine/apply/as-operated.ts";
import { declareFleet } from "../../engine/apply/declare-fleet.ts";
import type { Manifest } from "../../render/manifest.ts";
import type { CliContext } from "../context.ts";
import { imageReader, secretKeysReader } from "../target/fleet-readers.ts";
import type { FleetSession } from "../target/fleet-session.ts";

/** A rendered fleet and everything that applying or comparing it needs. */
export type FleetRun = Pick<PlanRequest, "cluster" | "declared" | "images" | "secrets" | "resources">;

/**
 * Renders the session's agents and adds readers of their images and of Vault. With the Fleets and Agents of the cluster in the operated way;
 * else in the plain one.
 */
export async function fleetRun(context: CliContext, session: FleetSession, reading?: Promise<readonly Manifest[]>): Promise<FleetRun> {
  const { cluster, source, agents } = session;
  const rendered = declareFleet(source, agents.map(({ agent }) => agent.metadata.name));
  const [declared, live] = await Promise.all([asOperated(cluster, rendered, { fleet: source.fleet, agents, isOperated: reading !== undefined }), reading]);
  return {
    cluster,
    declared,
    images: imageReader(context, session),
    secrets: secretKeysReader(context, session),
    ...(live && { resources: { source, agents, live } }),
  };
}
