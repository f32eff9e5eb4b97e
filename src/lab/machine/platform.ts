import { FrotaError } from "../../spec/error.ts";

/** What decides whether a machine can hold the lab at all. */
export interface Platform {
  /** As `process.platform`. */
  readonly system: string;
  /** Effective user id; undefined where there is none (Windows). */
  readonly userId: number | undefined;
}

/** Where and as whom this process runs. */
export const THIS_PLATFORM: Platform = { system: process.platform, userId: process.geteuid?.() };

/** How one comes to a lab that runs, for a message's advice; undefined where none can run. Only root starts one, and sees one run. */
export function wayToLab({ system, userId }: Platform): string | undefined {
  if (system !== "linux") return undefined;
  return userId === 0 ? "start the lab: `frota start`" : "use the lab as root, who alone starts and sees one: `sudo frota start`";
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
        ? "run the same command as root (sudo), or work on an existing cluster: frota apply --context NAME"
        : "work on an existing cluster: frota apply --context NAME (frota doctor --context NAME says what it lacks)",
    outcome: "refused",
  });
}
