/** How fast agents may be restarted. Durations in milliseconds. */
export type Pace =
  /** One after another, each Ready before the next. */
  | { readonly way: "plain" }
  | {
      readonly way: "operated";
      /** At most so many agents down at once. */
      readonly maxDisrupted: number;
      /** Agents that get a new image first. */
      readonly canaries: readonly string[];
      /** How long an agent is watched on a new image before the next wave. */
      readonly bakeTime: number;
      /** Longest wait for a moment in which an agent is not busy. */
      readonly quietWait: number;
    };

/** An agent that is going to restart. */
export interface AwaitedRestart {
  readonly name: string;
  /** It gets a new image by the waves of a rollout. */
  readonly isInWaves: boolean;
  /** It serves somebody now, and nobody can say that it is idle. */
  readonly mayBeBusy: boolean;
}

/** What is to be estimated. */
export interface AwaitedWork {
  readonly pace: Pace;
  readonly restarts: readonly AwaitedRestart[];
  /** New agents; they start side by side, beside the restarts. */
  readonly creations: number;
  /** Milliseconds that restarts of this fleet's agents took, as far as that is on record. */
  readonly past: readonly number[];
}

/** Agents that restart one after another, a batch at a time. */
export interface Wave {
  /** `canary`, `waves` (a new image), `restarts`. */
  readonly name: "canary" | "waves" | "restarts";
  readonly agents: readonly string[];
  /** Agents at once. */
  readonly batch: number;
  readonly batches: number;
  /** Milliseconds that each batch is watched after its restart; 0 where only a new image is. */
  readonly bakeTime: number;
}

/** How long it takes, and how that was told. Durations in milliseconds. */
export interface RestartDuration {
  /** If nobody has to be waited for. */
  readonly expected: number;
  /** If every agent that may be busy is, as long as it may be. */
  readonly longest: number;
  /** What one restart was taken for: the median of so many past ones, or an assumption where there is none. */
  readonly restart: { readonly milliseconds: number; readonly samples: number };
  readonly waves: readonly Wave[];
  /** Batches in which somebody may be busy, and what each may wait: for a quiet moment, then for running turns. */
  readonly busy: { readonly batches: number; readonly wait: number };
}

/** OpenClaw 2026.9 is Ready in 11 to 59 s, depending on the machine; the drain of an idle one and its pod's way take the rest. */
const ASSUMED_RESTART = 60_000;
/** A pod may finish its running turns for so long: OpenClaw's 330 s and a margin. */
const LONGEST_DRAIN = 345_000;

/** Estimates how long restarts take. Undefined where nothing starts. Pure. */
export function restartDuration(work: AwaitedWork): RestartDuration | undefined {
  const { pace, restarts, creations, past } = work;
  if (restarts.length === 0 && creations === 0) return undefined;
  const restart = { milliseconds: median(past) ?? ASSUMED_RESTART, samples: past.length };
  const waves = wavesOf(pace, restarts);
  const inTurn = waves.reduce((sum, { batches, bakeTime }) => sum + batches * (restart.milliseconds + bakeTime), 0);
  const expected = Math.max(inTurn, creations > 0 ? restart.milliseconds : 0);
  const busy = { batches: busyBatches(waves, restarts), wait: LONGEST_DRAIN + (pace.way === "operated" ? pace.quietWait : 0) };
  return { expected, longest: expected + busy.batches * busy.wait, restart, waves, busy };
}

function wavesOf(pace: Pace, restarts: readonly AwaitedRestart[]): Wave[] {
  const names = (wanted: (restart: AwaitedRestart) => boolean) => restarts.filter(wanted).map(({ name }) => name);
  if (pace.way === "plain") return present([waveOf("restarts", names(() => true), 1, 0)]);
  const { maxDisrupted, bakeTime, canaries } = pace;
  return present([
    waveOf("canary", names(({ name, isInWaves }) => isInWaves && canaries.includes(name)), maxDisrupted, bakeTime),
    waveOf("waves", names(({ name, isInWaves }) => isInWaves && !canaries.includes(name)), maxDisrupted, bakeTime),
    waveOf("restarts", names(({ isInWaves }) => !isInWaves), maxDisrupted, 0),
  ]);
}

function waveOf(name: Wave["name"], agents: readonly string[], batch: number, bakeTime: number): Wave {
  return { name, agents, batch, batches: Math.ceil(agents.length / Math.max(1, batch)), bakeTime };
}

function present(waves: readonly Wave[]): Wave[] {
  return waves.filter(({ agents }) => agents.length > 0);
}

/** Of batches in the order of the names: the controller's own may differ. */
function busyBatches(waves: readonly Wave[], restarts: readonly AwaitedRestart[]): number {
  const busy = new Set(restarts.filter(({ mayBeBusy }) => mayBeBusy).map(({ name }) => name));
  return waves.reduce((sum, { agents, batch, batches }) => sum + Math.min(batches, new Set(agents.flatMap((name, index) => (busy.has(name) ? [Math.floor(index / Math.max(1, batch))] : []))).size), 0);
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
