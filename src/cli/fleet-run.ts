import type { ApplyRequest } from "../engine/apply-fleet.ts";
import { asOperated } from "../engine/as-operated.ts";
import { declareFleet } from "../engine/declare-fleet.ts";
import type { Way } from "../engine/operated/way.ts";
import type { CliContext } from "./context.ts";
import { imageReader, secretKeysReader } from "./fleet-readers.ts";
import type { FleetSession } from "./fleet-session.ts";

/** A rendered fleet and everything that applying or comparing it needs. */
export type FleetRun = Pick<ApplyRequest, "cluster" | "declared" | "images" | "secrets">;

/** Renders the session's agents in the way that they run, and adds readers of their images and of Vault. */
export async function fleetRun(context: CliContext, session: FleetSession, way: Way["kind"]): Promise<FleetRun> {
  const { cluster, source, agents } = session;
  const declared = declareFleet(source, agents.map(({ agent }) => agent.metadata.name));
  return {
    cluster,
    declared: await asOperated(cluster, declared, { fleet: source.fleet, agents, isOperated: way === "operated" }),
    images: imageReader(context, session),
    secrets: secretKeysReader(context, session),
  };
}
