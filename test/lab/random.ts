/** A stream of pseudo-random numbers in [0, 1) that a seed repeats (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed that FROTA_TEST_SEED gives, so that a failure can be repeated, or today's. */
export function chosenSeed(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = env["FROTA_TEST_SEED"];
  return given === undefined ? Math.floor(Date.now() / 86_400_000) : Number(given);
}
