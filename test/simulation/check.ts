import * as fc from "fast-check";
import type { Brain } from "./engine.ts";
import type { Invariant } from "./invariants.ts";
import { simulate, type Scenario } from "./simulation.ts";

/** A failure, shrunk. */
export interface Failure {
  readonly seed: number;
  /** fast-check's path to the smallest failure: with the seed it replays it. */
  readonly path: string;
  readonly invariant: Invariant;
  readonly message: string;
  readonly scenario: Scenario;
  /** What happened, in words. */
  readonly trace: readonly string[];
}

/** What came of the runs of one seed. */
export interface Checked {
  readonly runs: number;
  readonly steps: number;
  readonly failure?: Failure;
}

/** How to check one seed. */
export interface Plan {
  readonly seed: number;
  readonly runs: number;
  /** Replays that failure instead of searching. */
  readonly path?: string;
  /** Give up shrinking after so many milliseconds; 15 s when absent, not at all for 0. */
  readonly shrinkFor?: number;
}

const SCENARIO = fc.record({
  start: fc.nat({ max: 0xffff }),
  script: fc.array(fc.nat({ max: 0x7fff_ffff }), { minLength: 0, maxLength: 600, size: "max" }),
});

/** Runs random scenarios of one seed; a failure is shrunk to the smallest scenario that breaks the same invariant. */
export function checkSeed(brain: Brain, { seed, runs, path, shrinkFor = 15_000 }: Plan): Checked {
  let steps = 0;
  let count = 0;
  let broken: Invariant | undefined;
  let stopAt = Infinity;
  const property = fc.property(SCENARIO, (scenario) => {
    if (broken !== undefined && performance.now() > stopAt) return;
    const outcome = simulate(brain, scenario);
    steps += outcome.steps;
    count += 1;
    if (outcome.violation === undefined || (broken !== undefined && broken !== outcome.violation.invariant)) return;
    if (broken === undefined) stopAt = performance.now() + shrinkFor;
    broken = outcome.violation.invariant;
    throw new Error(outcome.violation.message);
  });
  const details = fc.check(property, { seed, numRuns: runs, endOnFailure: path !== undefined || shrinkFor === 0, ...(path === undefined ? {} : { path }) });
  if (!details.failed || details.counterexample === null || details.counterexamplePath === null) return { runs: count, steps };
  const [scenario] = details.counterexample;
  const { violation, trace } = simulate(brain, scenario, true);
  if (violation === undefined) throw new Error(`seed ${seed}, path ${details.counterexamplePath}: the failure does not come again`);
  return { runs: count, steps, failure: { seed, path: details.counterexamplePath, ...violation, scenario, trace } };
}

/** A failure for people. */
export function wordsFor(failure: Failure): string {
  return `${failure.trace.join("\n")}\n\nreplay: npm run simulate -- --seed ${failure.seed} --path ${failure.path}`;
}
