import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { runFrota } from "../../src/cli/app.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { beginReading } from "../../src/cli/fleet/read-ahead.ts";
import { connect } from "../../src/cluster/cluster.ts";
import type { FleetPlan } from "../../src/plan/fleet-plan.ts";
import { Readable } from "node:stream";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

let fleet: OperatedFleet;
let folder: string;

const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
const plan = async (...args: string[]) => {
  const { stdout, code } = await run("plan", ...args, "-o", "json");
  return { code, plan: JSON.parse(stdout) as FleetPlan };
};

async function declare(name: string, spec: object, labels: object = {}): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "agent.yaml"), JSON.stringify({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name, labels }, spec }));
}

beforeAll(async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "plan-status");
  await fleet.declareFleet();
  for (const name of ["ana", "clovis"]) await fleet.declareAgent(name);
  await fleet.settle();
  folder = await fleet.writeFiles({});
  await declare("ana", {}, { team: "sales" });
  await declare("clovis", {}, { team: "support" });
  await fleet.control();
  expect(await run("apply", "--timeout", "60s")).toMatchObject({ code: 0 });
});

afterAll(() => fleet.end());

test("whether a controller is live, a plan asks once", async () => {
  const asked: string[] = [];
  const cluster = await connect({ path: inject("kubeconfig") }, ({ path }) => asked.push(path));
  const { way, operated } = beginReading(cluster, "plan-status");
  expect(await way).toMatchObject({ kind: "operated", liveness: { isLive: true } });
  expect(await operated).toMatchObject({ isLive: true });
  cluster.close();
  const controller = asked.filter((path) => path.includes("/frota-system/")).map((path) => path.split("/").at(-2));
  expect(controller).toHaveLength(2);
  expect(new Set(controller)).toEqual(new Set(["deployments", "leases"]));
});

test("agents are selected by their labels, and printed for programs", async () => {
  expect(await run("status", "-l", "team=sales", "-o", "name")).toMatchObject({ stdout: "ana\n" });
  expect(await run("status", "-l", "team notin (sales),app.kubernetes.io/name=openclaw", "-o", "jsonpath={.agents[*].name}")).toMatchObject({ stdout: "clovis\n" });
  expect(await run("status", "-l", "team=legal")).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("no agent of namespace plan-status has labels team=legal") });
  expect(await run("status", "ana", "-l", "team")).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENTS_NOT_NAMED") });
  expect(await run("status", "-l", "team=")).toMatchObject({ stdout: "" });
  expect(await run("status", "-l", "=x")).toMatchObject({ code: 2 });
  expect(await run("status", "-o", "jsonpath={.items[*].metadata.name}")).toMatchObject({ stdout: "\n", stderr: expect.stringContaining("there is no .items; there is .namespace, .agents") });
  expect((await run("status", "-o", "wide")).stdout).toMatch(/^AGENT .* NODE +POD\n/);
});

test("who suspended what and froze what is in status; plan tells that it holds", async () => {
  expect(await run("suspend", "-l", "team=support", "--reason", "Clóvis debugs himself")).toMatchObject({ code: 0 });
  expect(await run("freeze", "--for", "1h", "--reason", "release day")).toMatchObject({ code: 0 });
  const status = await run("status");
  expect(status.stdout).toMatch(/^clovis is suspended by \S+@\S+ since .* UTC \(.* ago\): Clóvis debugs himself \(ends with `frota resume clovis`\)$/m);
  expect(status.stdout).toMatch(/^frozen by \S+@\S+ until .* UTC \(.* left\): release day/m);
  const data: { agents: { name: string; suspension?: object }[]; fleet: { freezes: object[] } } = JSON.parse((await run("status", "-o", "json")).stdout);
  expect(data.agents.find(({ name }) => name === "clovis")?.suspension).toMatchObject({ from: "request", reason: "Clóvis debugs himself" });
  expect(data.fleet.freezes).toMatchObject([{ from: "request", reason: "release day" }]);

  await declare("ana", { env: { CITY: "lisbon" } }, { team: "sales" });
  await declare("clovis", { env: { CITY: "lisbon" } }, { team: "support" });
  const { code, plan: found } = await plan();
  expect(code).toBe(1);
  expect(found.agents.map(({ name, action, heldBy }) => [name, action, heldBy])).toEqual([["ana", "restart", ["Frozen"]], ["clovis", "restart", ["Frozen", "Suspended"]]]);
  expect(found.holds.map(({ reason }) => reason).toSorted()).toEqual(["Frozen", "Suspended"]);

  expect(await run("freeze", "--end", "--dry-run")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^dry run, nothing is written/) });
  expect(await run("resume", "clovis", "--dry-run")).toMatchObject({ code: 0 });
  expect((await run("status")).stdout).toMatch(/clovis is suspended[^]*|frozen by/);
  const restart = await run("restart", "--all", "--dry-run");
  expect(restart).toMatchObject({ code: 0, stderr: expect.stringMatching(/ana: a restart, asked of the controller; it would wait: frozen[^]*clovis: a restart, .*; it would wait: suspended by/) });
  expect(await run("freeze", "--end")).toMatchObject({ code: 0 });
  expect(await run("resume", "clovis")).toMatchObject({ code: 0 });
});

test("plan tells restarts by key, what is new, who may be busy, how long; nothing after it is applied", async () => {
  await declare("ana", { env: { CITY: "porto" }, openclaw: { messages: { responsePrefix: "Olá" } } }, { team: "sales" });
  await declare("bia", {});
  const { code, plan: found } = await plan();
  expect(code).toBe(1);
  expect(found.agents.map(({ name, action }) => [name, action])).toEqual(expect.arrayContaining([["ana", "restart"], ["bia", "create"]]));
  const ana = found.agents.find(({ name }) => name === "ana");
  expect(ana).toMatchObject({ isUp: true, activity: { state: "unknown" }, reasons: [{ cause: "environment" }], configuration: [{ path: "messages", applies: "live" }] });
  expect(found.duration).toMatchObject({ expected: 120_000, restart: { milliseconds: 60_000, samples: 0 }, busy: { batches: 2 } });
  const text = await run("plan", "ana");
  expect(text.stdout).toMatch(/plan-status, operated: 1 restart\b[^]*ana: restart for environment; busy or not is unknown[^]*takes about/);
  for (const command of ["plan", "apply"]) expect(await run(command, "-l", "team=legal")).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENT_UNKNOWN") });
  expect((await plan("-l", "team=sales")).plan.agents.map(({ name }) => name)).toEqual(["ana"]);
  expect(await run("apply", "--dry-run")).toMatchObject({ code: 0, stderr: expect.stringContaining("nothing is written"), stdout: expect.stringContaining("ana: restart for environment") });

  await fleet.setSecret("bia", "first");
  expect(await run("apply", "--timeout", "60s")).toMatchObject({ code: 0 });
  expect(await plan()).toMatchObject({ code: 0, plan: { agents: [], unchanged: 3 } });
});

/** Runs `status --watch` as on a terminal or in a pipe, until a text was written. */
async function watched(isTTY: boolean, wanted: RegExp, during: () => Promise<unknown>): Promise<{ readonly code: number; readonly text: string }> {
  const abort = new AbortController();
  const first = Promise.withResolvers<void>();
  let text = "";
  const output = {
    isTTY,
    columns: 80,
    rows: 24,
    write(written: string) {
      text += written;
      if (text.includes("AGENT")) first.resolve();
      if (wanted.test(text)) abort.abort();
    },
  };
  const context: CliContext = {
    process: { stdout: output, stderr: { write: () => undefined }, stdin: Readable.from([]), env: { KUBECONFIG: inject("kubeconfig"), NO_COLOR: "1" }, exitCode: null },
    cwd: folder,
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)]),
  };
  const running = runFrota(["status", "--watch", "--context", "test"], context);
  await first.promise;
  await during();
  return { code: await running, text };
}

test("status --watch draws over itself on a terminal, writes a line for each change in a pipe, and ends with Ctrl-C", async () => {
  const suspended = await watched(true, /ana is suspended by/, () => run("suspend", "ana", "--reason", "lunch"));
  expect(suspended.code).toBe(0);
  expect(suspended.text.startsWith("\u001B[?25l")).toBe(true);
  expect(suspended.text.endsWith("\u001B[?25h")).toBe(true);
  expect(suspended.text.split("\u001B[").some((part) => /^\d+F/.test(part))).toBe(true);

  const resumed = await watched(false, /no longer so: ana is suspended/, () => run("resume", "ana"));
  expect(resumed.code).toBe(0);
  expect(resumed.text).toMatch(/^AGENT +READY/);
  expect(resumed.text).not.toContain("\u001B");
  expect(resumed.text).toMatch(/^\d\d:\d\d:\d\d no longer so: ana is suspended by \S+ since .*: lunch/m);
});
