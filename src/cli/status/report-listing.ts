import type { FleetReport } from "../../engine/status/fleet-report.ts";
import type { Listing } from "../terminal/list-output.ts";

/** A report for programs. */
export function reportListing({ namespace, agents, operated, suspension, freezes }: FleetReport): Listing {
  const standstill = { ...(suspension ? { suspension } : {}), ...(freezes.length > 0 ? { freezes } : {}) };
  const fleet = operated ? { fleet: { ...operated.fleet, ...standstill } } : {};
  return { data: { namespace, agents, ...fleet }, names: agents.map(({ name }) => name) };
}
