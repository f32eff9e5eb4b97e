// Times what a shell waits for when a word is completed, beside the start of Node alone, in turn.
// usage: node bench/completion.ts [runs]      (agents' names are those of the running lab, or of FROTA_CONTEXT)
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { markdownTable } from "./fleet/markdown-table.ts";
import { median, timedRun, type TimedRun } from "./timed-run.ts";

const ROOT = join(import.meta.dirname, "..");
const runs = Number(process.argv[2] ?? 15);
// Brings the bundle up to date; an installed frota looks after nothing of the kind.
spawnSync(join(ROOT, "bin/frota"), ["version"]);
const bundle = join(ROOT, "dist/frota.js");
process.chdir(ROOT);

const COMPLETIONS: readonly { readonly title: string; readonly words: readonly string[] }[] = [
  { title: "Node alone", words: ["--eval", ""] },
  { title: "a command", words: [bundle, "__complete", "st"] },
  { title: "a flag's value", words: [bundle, "__complete", "check", "--output", ""] },
  { title: "a context", words: [bundle, "__complete", "status", "--context", ""] },
  { title: "an agent", words: [bundle, "__complete", "logs", ""] },
];

const results = COMPLETIONS.map((): TimedRun[] => []);
for (let run = 0; run < runs; run += 1) {
  for (const [index, { words }] of COMPLETIONS.entries()) results[index]?.push(timedRun(process.execPath, words, "/dev/null"));
}
const rows = COMPLETIONS.map(({ title }, index) => {
  const times = (results[index] ?? []).map(({ time }) => time);
  const processors = (results[index] ?? []).map((result) => result.processors);
  const figures = [Math.min(...times), median(times), Math.min(...processors), median(processors)];
  return [title].concat(figures.map((value) => `${value.toFixed(0)} ms`));
});
console.log(`${runs} runs each, in turn\n`);
console.log(markdownTable([["", "fastest", "median", "processors, least", "median"], ...rows]));
