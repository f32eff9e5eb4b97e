// `npm run simulate [-- --seed N] [--steps N] [--processes N] [--path P] [--write]`: random fleets, faults and people around
// the real `decide` and `admit`, until that many steps are done or an invariant breaks. `--seed N --path P` replays a failure.
import { appendFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { admit } from "../src/decide/admit.ts";
import { decide } from "../src/decide/decide.ts";
import { checkSeed, wordsFor, type Checked } from "../test/simulation/check.ts";

const RESULTS = new URL("../docs/simulation.md", import.meta.url);
const RUNS_A_SEED = 40;
const brain = { decide, admit };

/** A worker answers each seed that it is sent with what came of it. */
function work(): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.on("message", (seed: number) => parentPort?.postMessage(checkSeed(brain, { seed, runs: RUNS_A_SEED })));
}

function replay(seed: number, path: string): number {
  const { failure } = checkSeed(brain, { seed, path, runs: RUNS_A_SEED });
  console.log(failure === undefined ? "it does not fail any more" : wordsFor(failure));
  return failure === undefined ? 0 : 1;
}

interface Total {
  runs: number;
  steps: number;
  seeds: number;
  readonly failures: string[];
}

/** Hands seeds to the workers, until enough steps are done or one of them failed. */
async function search(first: number, steps: number, processes: number): Promise<Total> {
  const total: Total = { runs: 0, steps: 0, seeds: 0, failures: [] };
  const began = performance.now();
  const toldAt = { time: began };
  const one = async () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: "work" });
    while (total.steps < steps && total.failures.length === 0) {
      const seed = first + total.seeds;
      total.seeds += 1;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
      worker.postMessage(seed);
      const checked = await answerOf(worker);
      total.runs += checked.runs;
      total.steps += checked.steps;
      if (checked.failure !== undefined) total.failures.push(wordsFor(checked.failure));
      if (performance.now() - toldAt.time < 10_000) continue;
      toldAt.time = performance.now();
      console.error(`${total.steps} steps, ${total.runs} runs, ${rateSince(began, total.steps)} steps/s`);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: processes }, one));
  return total;
}

function answerOf(worker: Worker): Promise<Checked> {
  const { promise, resolve, reject } = Promise.withResolvers<Checked>();
  worker.once("error", reject);
  worker.once("message", (checked: Checked) => {
    worker.off("error", reject);
    resolve(checked);
  });
  return promise;
}

function rateSince(began: number, steps: number): number {
  return Math.round(steps / ((performance.now() - began) / 1000));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seed: { type: "string" }, steps: { type: "string" }, processes: { type: "string" }, path: { type: "string" }, write: { type: "boolean" } },
  });
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) * 1000 : Number(values.seed);
  if (values.path !== undefined) return replay(seed, values.path);
  const began = performance.now();
  const processes = Number(values.processes ?? 2);
  const total = await search(seed, Number(values.steps ?? 1_000_000), processes);
  const rate = rateSince(began, total.steps);
  for (const failure of total.failures) console.log(`${failure}\n`);
  const verdict = total.failures.length === 0 ? "no invariant broken" : `${total.failures.length} failures`;
  console.log(`seed ${seed}: ${total.steps} steps in ${total.runs} runs, ${((performance.now() - began) / 1000).toFixed(0)} s, ${rate} steps/s with ${processes} processes: ${verdict}`);
  if (values.write === true) {
    const row = `| ${new Date().toISOString().slice(0, 10)} | ${seed} | ${total.steps} | ${total.runs} | ${rate} | ${processes} | ${verdict} |\n`;
    await appendFile(RESULTS, row);
  }
  return total.failures.length === 0 ? 0 : 1;
}

if (isMainThread) process.exitCode = await main();
else if (workerData === "work") work();
