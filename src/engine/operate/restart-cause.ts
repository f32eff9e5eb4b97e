import { RESTART_NEEDS, type RestartCause } from "../../decide/world.ts";

const CAUSES: readonly RestartCause[] = [...RESTART_NEEDS, "Created", "Rollback", "Manual", "PodReplaced", "ContainerExit"];

/** The cause of this name; undefined for any other value. */
export function restartCauseOf(value: unknown): RestartCause | undefined {
  return CAUSES.find((cause) => cause === value);
}
