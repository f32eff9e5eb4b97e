// Times whole commands on a running lab, beside what one would use instead, and prints minimum, median and ratio.
// usage: node bench/commands.ts [runs]      (needs: npm start)
import { spawnSync } from "node:child_process";
import { acquire } from "../src/lab/components/acquire.ts";

interface Comparison {
  readonly title: string;
  readonly frota: readonly string[];
  /** kubectl's arguments, or none where nothing else does this. */
  readonly kubectl?: readonly string[];
}

const COMPARISONS: readonly Comparison[] = [
  { title: "version", frota: ["version"], kubectl: ["version", "--client"] },
  { title: "check", frota: ["check"] },
  { title: "render --check", frota: ["render", "--check"] },
  { title: "status", frota: ["status"], kubectl: ["get", "deployments,pods,pvc,externalsecrets"] },
  { title: "diff", frota: ["diff"], kubectl: ["diff", "--server-side", "-R", "-f", "agents/clovis/k8s", "-f", "agents/roberval/k8s"] },
  { title: "secrets status", frota: ["secrets", "status"] },
];

const FROTA = new URL("../bin/frota", import.meta.url).pathname;
const runs = Number(process.argv[2] ?? 7);
const context = { progress: () => undefined, signal: AbortSignal.timeout(600_000), env: process.env };
const { files } = await acquire("kubernetes", context);
const kubeconfig = spawnSync(FROTA, ["lab", "kubeconfig"], { encoding: "utf8" }).stdout.trim();

function milliseconds(program: string, argv: readonly string[]): number {
  const began = performance.now();
  spawnSync(program, argv, { stdio: "ignore", env: { ...process.env, KUBECONFIG: kubeconfig } });
  return performance.now() - began;
}

function describe(times: readonly number[]): { text: string; median: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { text: `${(sorted[0] ?? 0).toFixed(0)} / ${median.toFixed(0)} ms`, median };
}

console.log(`${runs} runs each, minimum / median, in turn`);
for (const { title, frota, kubectl } of COMPARISONS) {
  const own: number[] = [];
  const other: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    own.push(milliseconds(FROTA, frota));
    if (kubectl) other.push(milliseconds(files["kubectl"] ?? "kubectl", kubectl));
  }
  const mine = describe(own);
  const theirs = describe(other);
  const ratio = kubectl ? `   kubectl ${theirs.text}   ratio ${(mine.median / theirs.median).toFixed(1)}` : "";
  console.log(`${title.padEnd(16)} frota ${mine.text}${ratio}`);
}
