import { spawnSync } from "node:child_process";

/** How long a program ran. */
export interface TimedRun {
  /** Milliseconds from start to end. */
  readonly time: number;
  /** Milliseconds of processors: no other load of the machine makes them many more. */
  readonly processors: number;
}

/** Runs a program with its output in a file. Throws with what it said when it fails. */
export function timedRun(program: string, words: readonly string[], output: string): TimedRun {
  const began = performance.now();
  // The shell tells on its second line what its children took: `0m1.230000s 0m0.120000s`.
  const { status, stdout, stderr } = spawnSync("sh", ["-c", 'out=$1; shift; "$@" > "$out"; code=$?; times; exit $code', "sh", output, program, ...words], { encoding: "utf8" });
  const time = performance.now() - began;
  if (status !== 0) throw new Error(`${program} failed: ${stderr.slice(0, 2000)}`);
  const parts = [...(stdout.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60_000 + Number(seconds) * 1000);
  return { time, processors: parts.reduce((sum, part) => sum + part, 0) };
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
