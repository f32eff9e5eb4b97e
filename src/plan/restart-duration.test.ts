import { describe, expect, test } from "vitest";
import { restartDuration, type AwaitedRestart, type Pace } from "./restart-duration.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const operated: Pace = { way: "operated", maxDisrupted: 2, canaries: ["clovis"], bakeTime: 2 * MINUTE, quietWait: 10 * MINUTE };
const restarts = (names: readonly string[], rest: Partial<AwaitedRestart> = {}): AwaitedRestart[] => names.map((name) => ({ name, isInWaves: false, mayBeBusy: false, ...rest }));

describe("restartDuration", () => {
  test("nothing to start takes no time", () => {
    expect(restartDuration({ pace: operated, restarts: [], creations: 0, past: [] })).toBeUndefined();
  });

  test("the plain way: one after another, the median of past restarts each; who may be busy drains", () => {
    const found = restartDuration({ pace: { way: "plain" }, restarts: [...restarts(["a", "b"]), ...restarts(["c"], { mayBeBusy: true })], creations: 0, past: [90 * SECOND, 30 * SECOND, 40 * SECOND] });
    expect(found).toMatchObject({ expected: 120 * SECOND, longest: 120 * SECOND + 345 * SECOND, restart: { milliseconds: 40 * SECOND, samples: 3 }, busy: { batches: 1 } });
  });

  test("a new image: canaries, then batches of maxDisrupted, each watched; without a record a restart is assumed to take a minute", () => {
    const found = restartDuration({ pace: operated, restarts: restarts(["ana", "bia", "clovis", "davi"], { isInWaves: true }), creations: 0, past: [] });
    expect(found?.waves).toEqual([
      { name: "canary", agents: ["clovis"], batch: 2, batches: 1, bakeTime: 2 * MINUTE },
      { name: "waves", agents: ["ana", "bia", "davi"], batch: 2, batches: 2, bakeTime: 2 * MINUTE },
    ]);
    expect(found).toMatchObject({ expected: 9 * MINUTE, restart: { milliseconds: MINUTE, samples: 0 } });
  });

  test("other restarts go in batches that nobody watches; a batch waits once, however many of it are busy", () => {
    const found = restartDuration({ pace: operated, restarts: restarts(["a", "b", "c", "d"], { mayBeBusy: true }), creations: 1, past: [MINUTE] });
    expect(found).toMatchObject({ expected: 2 * MINUTE, busy: { batches: 2, wait: 345 * SECOND + 10 * MINUTE } });
    expect(found?.longest).toBe(2 * MINUTE + 2 * (345 * SECOND + 10 * MINUTE));
  });

  test("new agents start side by side, beside everything else", () => {
    expect(restartDuration({ pace: operated, restarts: [], creations: 300, past: [] })).toMatchObject({ expected: MINUTE, longest: MINUTE, waves: [] });
  });
});
