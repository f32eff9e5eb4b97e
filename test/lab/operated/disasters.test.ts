import { afterAll, beforeAll, describe, test } from "vitest";
import { chosenSeed, randomNumbers } from "../random.ts";
import { digestOfTag } from "./derived-image.ts";
import { backTo, operatedFleet } from "./operated.ts";
import { StruckRollouts } from "./rollout-disasters.ts";

/** The endurance run does more of them. */
const ROUNDS = [1, 2];
const seed = chosenSeed({ FROTA_TEST_SEED: "20770", ...process.env });
let good = "";
let rollouts: StruckRollouts;

beforeAll(async () => {
  await operatedFleet();
  good = await digestOfTag();
  rollouts = new StruckRollouts(good, randomNumbers(seed));
  await StruckRollouts.prepare();
});

afterAll(() => backTo(good));

describe(`whatever happens in the middle of a rollout, it ends well (seed ${seed})`, () => {
  test.each(ROUNDS)("rollout %i", (round) => rollouts.round(`disaster-${process.pid}-${round}`));
});
