// Times what a shell waits for when a word is completed, beside the start of Node alone, in turn, and prints minimum and median.
// usage: node bench/completion.ts [runs]      (agents' names are those of the running lab, or of --context by FROTA_CONTEXT)
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const runs = Number(process.argv[2] ?? 15);
// Brings the bundle up to date; an installed frota looks after nothing of the kind.
spawnSync(join(ROOT, "bin/frota"), ["version"]);
const bundle = join(ROOT, "dist/frota.js");

const COMPLETIONS: readonly { readonly title: string; readonly words: readonly string[] }[] = [
  { title: "node alone", words: ["--eval", ""] },
  { title: "a command", words: [bundle, "__complete", "st"] },
  { title: "a flag's value", words: [bundle, "__complete", "check", "--output", ""] },
  { title: "a context", words: [bundle, "__complete", "status", "--context", ""] },
  { title: "an agent", words: [bundle, "__complete", "logs", ""] },
];

const times = COMPLETIONS.map((): number[] => []);
for (let run = 0; run < runs; run += 1) {
  for (const [index, { words }] of COMPLETIONS.entries()) {
    const began = performance.now();
    spawnSync(process.execPath, words, { cwd: ROOT, stdio: "ignore" });
    times[index]?.push(performance.now() - began);
  }
}
console.log(`${runs} runs each, in turn: minimum / median`);
for (const [index, { title }] of COMPLETIONS.entries()) {
  const sorted = (times[index] ?? []).toSorted((one, other) => one - other);
  console.log(`${title.padEnd(16)} ${(sorted[0] ?? 0).toFixed(0)} / ${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(0)} ms`);
}
