import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { readFile, writeFile } from "node:fs/promises";
import type { Rotation } from "./changes.ts";
import type { Floor } from "./floor.ts";
import type { Operated, Resync } from "./operated.ts";
import { loadNow } from "./load.ts";
import { isWrite } from "./audit-log.ts";
import { markdownTable } from "./markdown-table.ts";

/** All figures of one fleet. */
export interface FleetFigures {
  /** Absent when it was not measured. */
  readonly floor?: Floor;
  readonly operated?: Operated;
  /** Load average before the controller began. */
  readonly load?: number;
  /** Requests to the registry and to gateways since the controller began. */
  readonly outside?: { readonly registry: number; readonly gateway: number };
  readonly resync?: Resync;
  /** Milliseconds. */
  readonly reactions?: readonly number[];
  readonly rotation?: Rotation;
  /** `disruption.maxDisrupted` of the Fleet, as a number. */
  readonly maxDisrupted: number;
}

/** openclaw-operator 0.38.3 with 200 instances, on another machine of two cores; and what Frota may need at most. */
const OTHERS = {
  settled: ["77 s", "30 s"],
  ratio: ["", "1.3"],
  requests: ["8,862", "2,400"],
  rest: ["765", "60"],
  cpu: ["13 s", "10 s"],
  memory: ["101 MB", "150 MB"],
} as const;

const PAGE = join(import.meta.dirname, "..", "..", "docs", "bench-fleet.md");

/** The machine and the day, as a sentence. Take it before measuring: it tells how busy the machine was with other things. */
export function machineSentence(now: Date): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${now.toISOString().slice(0, 10)}, ${availableParallelism()} cores (${model}), ${memory} GB, load before the run ${loadNow().toFixed(1)}, Node ${process.versions.node}.`;
}

const number = (value: number, digits = 0): string => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const seconds = (value: number): string => `${number(value, 1)} s`;

type Row = (figures: FleetFigures, operated: Operated) => string;

const ROWS: readonly (readonly [string, readonly [string, string], Row])[] = [
  ["first apply to all Deployments available", OTHERS.settled, (_, { deployments }) => seconds(deployments)],
  ["... against the bare client in the same run", OTHERS.ratio, ({ floor }, { deployments }) => (floor ? `${number(deployments / floor.ready, 2)} (${seconds(floor.ready)})` : "")],
  ["... to all Agents Ready", ["", ""], (_, { settled }) => seconds(settled)],
  ["API requests until a minute after", OTHERS.requests, (_, { requests }) => number(requests.length)],
  ["... of each agent", ["44.3", "12"], (_, { requests, agents }) => number(requests.length / agents, 1)],
  ["... of the bare client", ["", ""], ({ floor }) => (floor ? number(floor.requests) : "")],
  ["API requests a minute at rest", OTHERS.rest, (_, { atRest }) => number(atRest.length)],
  ["... of them writes, Leases apart", ["", ""], (_, { atRest }) => number(atRest.filter(isWrite).length)],
  ["CPU", OTHERS.cpu, (_, { usage }) => seconds(usage.cpuSeconds)],
  ["... of each agent", ["65 ms", "50 ms"], (_, { usage, agents }) => `${number((usage.cpuSeconds / agents) * 1000)} ms`],
  ["resident memory", OTHERS.memory, (_, { usage }) => `${number(usage.residentMegabytes)} MB`],
  ["... at most", ["", ""], (_, { usage }) => `${number(usage.peakMegabytes)} MB`],
  ["load average before (before the bare client)", ["", ""], ({ load, floor }) => `${number(load ?? 0, 1)} (${floor ? number(floor.load, 1) : "-"})`],
  ["requests to the registry", ["", ""], ({ outside }) => number(outside?.registry ?? 0)],
  ["requests to gateways", ["", ""], ({ outside }) => number(outside?.gateway ?? 0)],
];

/** The table of all fleets, and what changes did to the largest, as Markdown. */
export function figuresText(fleets: readonly FleetFigures[]): string {
  const measured = fleets.flatMap((figures) => (figures.operated ? [{ figures, operated: figures.operated }] : []));
  const header = ["", "openclaw-operator, 200", "at most, 200", ...measured.map(({ operated }) => `Frota, ${number(operated.agents)}`)];
  const rows = ROWS.map(([title, others, row]) => [title].concat(others, measured.map(({ figures, operated }) => row(figures, operated))));
  return [markdownTable([header, ...rows]), "", ...measured.flatMap(({ figures, operated }) => changeLines(figures, operated))].join("\n");
}

function changeLines({ resync, reactions, rotation, maxDisrupted }: FleetFigures, { agents }: Operated): string[] {
  const lines: string[] = [];
  if (resync) lines.push(`A controller that was restarted on the settled fleet made ${number(resync.requests.length)} requests in its first minute, ${number(resync.writes)} of them writes.`);
  if (reactions) lines.push(`One changed agent was acted on after ${reactions.map((reaction) => number(reaction)).join(", ")} ms.`);
  if (rotation) {
    const pods = [...rotation.newPods].map(([count, many]) => `${number(many)} agents got ${count} new pod${count === 1 ? "" : "s"}`).join(", ");
    const down = `at most ${number(rotation.mostDown)} were down at once (\`maxDisrupted\` ${number(maxDisrupted)})`;
    lines.push(`Two keys of every Secret were changed within ${seconds(rotation.written)}; after ${seconds(rotation.seconds)} all agents had restarted: ${pods}; ${down}; ${number(rotation.requests)} requests.`);
  }
  return lines.length === 0 ? [] : [`${number(agents)} agents:`, "", ...lines.map((line) => `- ${line}`), ""];
}

const PREFACE = `# A fleet of many agents, measured

What the controller costs, on the lab's own etcd, API server, controllers and scheduler with ten fake nodes (KWOK) of 400 pods each. Pods are Ready a
second after they are bound, and gone half a second after their deletion. One HTTP server answers as the gateway of all agents, and the controller polls it as it polls
real ones. One controller runs before the first resource is applied.

Requests are counted by the API server's audit log, for the controller's own user. The bare client creates the same objects with ten
connections, a plain POST each, without reads or dry runs, just before the controller is measured. With 200 agents, Secrets come from Vault
through External Secrets; with more they are written directly.

What is nobody's in this comparison is kept out of it. Volumes are there beforehand, and a stand-in binds them; each controller of the
controller manager may make 200 requests a second, not 20 (\`--usual-limits\` leaves both as they are everywhere: binding alone makes five
requests for each claim, one after the other). And nothing begins within half a minute after a namespace of the same name was deleted:
for so long the API server looks it up anew for each request, 50 times a second at most.

Times depend on the machine and on what else it does, which is why the bare client is measured in the same run; the load average before each
is in the table.
`;

/** Writes docs/bench-fleet.md. */
export async function writePage(sentence: string, command: string, text: string): Promise<void> {
  const page = `${PREFACE}\nMeasured ${sentence} To measure it again: \`${command}\`\n\n${text.trimEnd()}\n`;
  if ((await readFile(PAGE, "utf8").catch(() => undefined)) !== page) await writeFile(PAGE, page);
}
