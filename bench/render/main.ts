// Times `frota render` of many agents beside `kubectl kustomize` and `helm template` making the same objects, in turn on the same machine,
// and checks that they are the same objects.
// usage: node bench/render/main.ts [--agents 1000] [--runs 3] [--skip kustomize]    (--skip: of many agents some would take half an hour)
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { acquire } from "../../src/lab/components/acquire.ts";
import { PINS } from "../../src/lab/components/pins.ts";
import { median, timedRun, type TimedRun } from "../timed-run.ts";
import { markdownTable } from "../fleet/markdown-table.ts";
import { writeChart } from "./chart.ts";
import { removeRendered, writeFleetRepository } from "./fleet-repository.ts";
import { writeKustomization } from "./kustomization.ts";
import { differences, objectsOf, renderedObjects } from "./objects.ts";

const ROOT = join(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { agents: { type: "string", default: "1000" }, runs: { type: "string", default: "3" }, skip: { type: "string", multiple: true, default: [] } } });
const [agents, runs] = [Number(values.agents), Number(values.runs)];
const context = { progress: () => undefined, signal: AbortSignal.timeout(3_600_000), env: process.env };
const kubectl = (await acquire("kubernetes", context)).files["kubectl"] ?? "";
const helm = (await acquire("helm", context)).files["helm"] ?? "";
// Brings the bundle up to date once; from then on it is run without what looks after that in a checkout.
spawnSync(join(ROOT, "bin/frota"), ["version"]);
const bundle = join(ROOT, "dist/frota.js");
const folder = await mkdtemp(join(tmpdir(), "frota-bench-render-"));
const [repository, kustomization, chart] = [join(folder, "fleet"), join(folder, "kustomization"), join(folder, "chart")];

interface Contestant {
  readonly title: string;
  readonly program: string;
  readonly words: readonly string[];
  /** Before each run, outside of its time. */
  readonly prepare?: () => Promise<void>;
}

function run({ program, words, title }: Contestant): TimedRun {
  return timedRun(program, words, outputOf(title));
}

function outputOf(title: string): string {
  return join(folder, `${title.replaceAll(/\W+/g, "-")}.out`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

try {
  const names = await writeFleetRepository(repository, agents);
  const render: Contestant = { title: "`frota render`, nothing rendered before", program: process.execPath, words: [bundle, "render", "--repo", repository], prepare: () => removeRendered(repository, names) };
  run(render);
  await writeKustomization(kustomization, repository, names);
  await writeChart(chart, repository, names);
  const all: readonly Contestant[] = [
    { title: "`frota render --stdout`", program: process.execPath, words: [bundle, "render", "--stdout", "--repo", repository] },
    render,
    { title: "`frota render`, all current", program: process.execPath, words: [bundle, "render", "--repo", repository] },
    { title: `\`helm template\` ${PINS.helm.version}, one chart of all`, program: helm, words: ["template", "agents", chart] },
    { title: "`helm template`, a release for each", program: "sh", words: ["-c", 'for name in $2; do "$0" template "$name" "$1" --set "agents={$name}" || exit; done', helm, chart, names.join(" ")] },
    { title: `\`kubectl kustomize\` ${PINS.kubernetes.version}`, program: kubectl, words: ["kustomize", kustomization] },
  ];
  const contestants = all.filter(({ title }) => !values.skip.some((word) => title.includes(word)));
  const results = contestants.map((): TimedRun[] => []);
  for (let count = 0; count < runs; count += 1) {
    for (const [index, contestant] of contestants.entries()) {
      await contestant.prepare?.();
      const result = run(contestant);
      results[index]?.push(result);
      process.stderr.write(`run ${count + 1} of ${runs}, ${contestant.title}: ${seconds(result.time)}, processors ${seconds(result.processors)}\n`);
    }
  }
  const ours = await renderedObjects(repository, names);
  // The fleet's own objects come on top.
  const printed = differences(ours, objectsOf(await readFile(outputOf(all[0]?.title ?? ""), "utf8"))).filter((line) => !line.endsWith("one too many"));
  if (printed.length > 0) throw new Error(`what is printed is not what is written: ${printed.slice(0, 5).join(", ")}`);
  for (const { title } of contestants.filter(({ program }) => program !== process.execPath)) {
    const found = differences(ours, objectsOf(await readFile(outputOf(title), "utf8")));
    if (found.length > 0) throw new Error(`${title} makes other objects: ${found.slice(0, 5).join(", ")} (${found.length} in all)`);
  }
  const measured = (index: number) => ({ time: median((results[index] ?? []).map(({ time }) => time)), processors: median((results[index] ?? []).map(({ processors }) => processors)) });
  const first = measured(0);
  const rows = contestants.map(({ title }, index) => {
    const { time, processors } = measured(index);
    return [title, seconds(time), (time / first.time).toFixed(1), seconds(processors), (processors / first.processors).toFixed(1)];
  });
  console.log(`${agents} agents, the same ${ours.size} objects from each; ${runs} runs in turn; ${cpus().length} cores (${cpus()[0]?.model}), ${(totalmem() / 2 ** 30).toFixed(0)} GB, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}\n`);
  console.log(markdownTable([["median of the runs", "time", "ratio", "processors", "ratio"], ...rows]));
} finally {
  await rm(folder, { recursive: true });
}
