import { FrotaError } from "../../spec/error.ts";

/** What decides whether a machine can hold the lab at all. */
export interface Platform {
  /** As `process.platform`. */
  readonly system: string;
  /** Effective user id; undefined where there is none (Windows). */
  readonly userId: number | undefined;
}

/** Throws LAB_IMPOSSIBLE, with the way to an existing cluster, where the lab cannot run. */
export function assertLabPossible({ system, userId }: Platform): void {
  const why =
    system !== "linux"
      ? `the lab needs Linux, and this is ${system}`
      : userId === 0
        ? undefined
        : "the lab needs root: it makes namespaces, mounts and network devices";
  if (why === undefined) return;
  throw new FrotaError({
    code: "LAB_IMPOSSIBLE",
    message: why,
    next:
      system === "linux"
        ? "run as root (sudo npm start), or work on an existing cluster: frota apply --context NAME"
        : "work on an existing cluster: frota apply --context NAME (frota doctor --context NAME says what it lacks)",
    outcome: "refused",
  });
}
