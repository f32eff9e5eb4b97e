import type { ApplyRequest } from "../engine/apply-fleet.ts";
import { declareFleet } from "../engine/declare-fleet.ts";
import type { CliContext } from "./context.ts";
import { imageReader, secretKeysReader } from "./fleet-readers.ts";
import type { FleetSession } from "./fleet-session.ts";

/** A rendered fleet and everything that applying or comparing it needs. */
export type FleetRun = Pick<ApplyRequest, "cluster" | "declared" | "images" | "secrets">;

/** Renders the session's agents, and adds readers of their images and of Vault. */
export function fleetRun(context: CliContext, session: FleetSession): FleetRun {
  const { cluster, source, agents } = session;
  return {
    cluster,
    declared: declareFleet(source, agents.map(({ agent }) => agent.metadata.name)),
    images: imageReader(context, session),
    secrets: secretKeysReader(context, session),
  };
}
