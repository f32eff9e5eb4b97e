// `npm run test:endurance [-- --seed N] [--rounds KIND=N,...]`: the lab tests' proofs again and again, with disasters at
// seeded random moments. Appends what came of it to docs/endurance.md. Exit code 1 when a round failed.
import { appendFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { corruptEtcd, cutPower, killUp } from "../test/lab/disasters.ts";
import { agentsReady, chat, kubectl, mustRun, podOf, SECOND_LAB as SECOND, START, TEST_LAB } from "../test/lab/lab.ts";
import { digestOfTag } from "../test/lab/operated/derived-image.ts";
import { operatedFleet } from "../test/lab/operated/operated.ts";
import { DISASTER_TITLES, StruckRollouts } from "../test/lab/operated/rollout-disasters.ts";
import { plantMarker, readMarker } from "../test/lab/marker.ts";
import { chosenSeed, randomNumbers } from "../test/lab/random.ts";
import { footprintOf, tracesOf } from "../test/lab/traces.ts";

const RESULTS = new URL("../docs/endurance.md", import.meta.url);

/** Fails the round unless `text` holds what is wanted. */
function assertIncludes(text: string, wanted: string): void {
  if (!text.includes(wanted)) throw new Error(`expected ${JSON.stringify(wanted)} in: ${text}`);
}

const { values } = parseArgs({ options: { seed: { type: "string" }, rounds: { type: "string" } } });
const seed = values.seed === undefined ? chosenSeed() : Number(values.seed);
const random = randomNumbers(seed);
const STATES = ["power cut", "down", "running"] as const;

/** One kind of proof that is repeated. `round` throws when it does not hold. */
interface Kind {
  readonly title: string;
  readonly rounds: number;
  readonly needsFleet: boolean;
  readonly prepare?: () => Promise<unknown>;
  readonly round: (index: number) => Promise<void>;
}

const session = `endurance-${Date.now()}`;
let told = 0;

/** Says something new to clovis; the stand-in model must have been sent every earlier message of this run. */
async function remembers(): Promise<void> {
  const reply = await chat("clovis", session, `Message ${told} of the endurance run`);
  if (told > 0) assertIncludes(reply, `I remember ${told} earlier message`);
  told += 1;
}

let rollouts: StruckRollouts | undefined;

/** Milliseconds over which kills are spread: somewhat more than a whole `lab up` takes. */
let duration = 20_000;

const KINDS: Readonly<Record<string, Kind>> = {
  "killed-up": {
    title: "`lab up` killed with SIGKILL at a random moment (after a power cut, `lab down`, or while the lab runs); the next one completes, the volume has its data",
    rounds: 20,
    needsFleet: false,
    prepare: async () => {
      await mustRun(["lab", "up"], SECOND);
      await plantMarker(SECOND, `seed ${seed}`);
    },
    round: async () => {
      const before = STATES[Math.floor(random() * STATES.length)];
      if (before === "power cut") await cutPower(SECOND);
      if (before === "down") await mustRun(["lab", "down"], SECOND);
      const reached = await killUp(SECOND, random() * duration);
      console.log(`  ${before}, then killed after: ${reached}`);
      const began = performance.now();
      await mustRun(["lab", "up"], SECOND);
      duration = Math.max(8000, performance.now() - began);
      assertIncludes(await readMarker(SECOND), `seed ${seed}`);
    },
  },
  "down-leaves-nothing": {
    title: "`lab down` leaves no process, mount, device, control group or rule; `lab up` finds the volume's data",
    rounds: 5,
    needsFleet: false,
    prepare: async () => {
      await mustRun(["lab", "up"], SECOND);
      await plantMarker(SECOND, `seed ${seed}`);
    },
    round: async () => {
      const footprint = await footprintOf(SECOND);
      await mustRun(["lab", "down"], SECOND);
      // Network namespaces are ended by the kernel a moment after their last process.
      for (let attempt = 0; attempt < 50 && (await tracesOf(footprint)).length > 0; attempt += 1) await new Promise((resolve) => setTimeout(resolve, 200));
      const left = await tracesOf(footprint);
      if (left.length > 0) throw new Error(`left behind:\n${left.join("\n")}`);
      await mustRun(["lab", "up"], SECOND);
      assertIncludes(await readMarker(SECOND), `seed ${seed}`);
    },
  },
  "pod-deleted": {
    title: "the pod of an agent deleted; the agent remembers every earlier message",
    rounds: 10,
    needsFleet: true,
    round: async () => {
      await kubectl("delete", "pod", (await podOf("clovis")).metadata.name);
      await agentsReady(["clovis"], 600);
      await remembers();
    },
  },
  "gateway-killed": {
    title: "the gateway killed with SIGKILL; the same pod serves again and the agent remembers",
    rounds: 10,
    needsFleet: true,
    round: async () => {
      const { metadata, status } = await podOf("clovis");
      const restarts = status.containerStatuses?.[0]?.restartCount ?? 0;
      await kubectl("exec", metadata.name, "--", "sh", "-c", "kill -KILL $(cat /proc/1/task/1/children)").catch(() => "");
      await kubectl("wait", `pod/${metadata.name}`, `--for=jsonpath={.status.containerStatuses[0].restartCount}=${restarts + 1}`, "--timeout=300s");
      await kubectl("wait", `pod/${metadata.name}`, "--for=condition=Ready", "--timeout=600s");
      await remembers();
    },
  },
  "power-cut": {
    title: "every process, mount and device of the lab gone at once; `frota start`, and the agent remembers",
    rounds: 5,
    needsFleet: true,
    round: async () => {
      await cutPower(TEST_LAB);
      await mustRun(START);
      await agentsReady(undefined, 600);
      await remembers();
    },
  },
  "etcd-unreadable": {
    title: "etcd's data corrupted on disk; `frota start` makes it anew from agents/ onto the volumes, and the agent remembers",
    rounds: 3,
    needsFleet: true,
    round: async () => {
      await cutPower(TEST_LAB);
      await corruptEtcd(TEST_LAB);
      assertIncludes(await mustRun(START), "etcd was unreadable");
      await agentsReady(undefined, 600);
      await remembers();
    },
  },
  "rollout-disasters": {
    title: `an image rolled out while everything happens to the cluster, in random order at random moments: ${DISASTER_TITLES}; it arrives everywhere, never two agents are down, nothing is forgotten`,
    rounds: 20,
    needsFleet: false,
    prepare: async () => {
      await operatedFleet();
      rollouts = new StruckRollouts(await digestOfTag(), random);
      await StruckRollouts.prepare();
    },
    round: async (index) => rollouts?.round(`endurance-${process.pid}-${index}`),
  },
};

/** What came of all rounds of one kind. */
interface Result {
  readonly title: string;
  readonly seconds: readonly number[];
  readonly failures: readonly string[];
}

async function repeat(name: string, kind: Kind, rounds: number): Promise<Result> {
  const seconds: number[] = [];
  const failures: string[] = [];
  await kind.prepare?.();
  for (let index = 1; index <= rounds; index += 1) {
    const began = performance.now();
    try {
      await kind.round(index);
      seconds.push((performance.now() - began) / 1000);
      console.log(`${name} ${index}/${rounds}: ${seconds.at(-1)?.toFixed(1)} s`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures.push(`${name}, round ${index}: ${message}`);
      console.log(`${name} ${index}/${rounds}: FAILED: ${message}`);
    }
  }
  return { title: kind.title, seconds, failures };
}

function row({ title, seconds, failures }: Result): string {
  const sorted = seconds.toSorted((one, other) => one - other);
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(1);
  return `| ${title} | ${seconds.length + failures.length} | ${seconds.length} | ${at(0.5)} | ${at(1)} |\n`;
}

/** A failure on one line: what failed, and the error that the command told. */
function headline(text: string): string {
  const [first = "", ...lines] = text.split("\n");
  return [first, lines.find((line) => line.startsWith("error "))].filter((line) => line !== undefined).join(" ");
}

async function write(results: readonly Result[]): Promise<void> {
  const load = loadavg().map((value) => value.toFixed(1)).join(", ");
  const head = `\n## ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, seed ${seed}\n\n${cpus().length} cores; load average at the end ${load}.\n\n`;
  const table = `| what | rounds | held | median s | longest s |\n|---|---|---|---|---|\n${results.map(row).join("")}`;
  const failures = results.flatMap((result) => result.failures);
  const tail = failures.length === 0 ? "" : `\nFailures:\n\n${failures.map((text) => `- ${headline(text)}`).join("\n")}\n`;
  await appendFile(RESULTS, `${head}${table}${tail}`);
}

const chosen = (values.rounds ?? "").split(",").filter((pair) => pair !== "").map((pair) => pair.split("="));
const plan = chosen.length === 0 ? Object.entries(KINDS).map(([name, { rounds }]) => ({ name, rounds })) : chosen.map(([name = "", rounds]) => ({ name, rounds: Number(rounds ?? 1) }));
const results: Result[] = [];
try {
  if (plan.some(({ name }) => KINDS[name]?.needsFleet === true)) await mustRun(START);
  for (const { name, rounds } of plan) {
    const kind = KINDS[name];
    if (!kind) throw new Error(`no such kind: ${name}; there are ${Object.keys(KINDS).join(", ")}`);
    results.push(await repeat(name, kind, rounds));
  }
} finally {
  await write(results);
  await mustRun(["lab", "down", "--purge", SECOND], SECOND);
  if (process.env["FROTA_TEST_KEEP"] !== "1") await mustRun(["lab", "down", "--purge", TEST_LAB]);
}
process.exitCode = results.every(({ failures }) => failures.length === 0) ? 0 : 1;
