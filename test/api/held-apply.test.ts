import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, inject, test, vi } from "vitest";
import { valueAt } from "../../src/spec/plain-data.ts";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

let fleet: OperatedFleet;

afterEach(() => fleet.end());

/** Longer than the test may take: who waits for it fails. */
const PATIENCE = ["--timeout", "10m"];

async function editEnvironment(folder: string, GREETING: string): Promise<void> {
  await writeFile(join(folder, "ana", "agent.yaml"), JSON.stringify({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "ana" }, spec: { env: { GREETING } } }));
}

test("what a freeze or a suspension holds is told at once, with an exit code of its own; afterwards the same command succeeds", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "held-apply");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  await fleet.control();
  const folder = await fleet.writeFiles({ ana: {} });
  const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  const templateOf = async () => valueAt(await fleet.deployment("ana"), ["spec", "template"]);
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0, stderr: expect.stringContaining("1 unchanged") });
  const before = await templateOf();

  expect(await run("freeze", "--for", "1h", "--reason", "release day")).toMatchObject({ code: 0 });
  await editEnvironment(folder, "hello");
  const frozen = await run("apply", ...PATIENCE);
  expect(frozen).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*ana: it waits for a restart: Template; frozen until .*release day[^]*frota freeze --end/) });
  expect(await run("restart", "ana")).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*frozen until/) });
  expect(await templateOf()).toEqual(before);

  expect(await run("freeze", "--for", "2h", "--reason", "still release day")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^frozen until .*: still release day; [^]*it replaces what was on before: frozen until .* UTC by .*@.*: release day\n/) });
  const kept = expect.stringMatching(/^frozen until .*: still release day; [^]*it replaces what was on before: frozen until .*: still release day\n/);
  expect(await run("freeze", "--for", "3h"), "without a new reason, the first one stays").toMatchObject({ code: 0, stderr: kept });
  expect(await run("freeze", "--end")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ended: frozen until .* UTC by .*@.*: still release day\n$/) });
  expect(await run("freeze", "--end")).toMatchObject({ code: 4, stderr: expect.stringContaining("NOT_FROZEN: nobody asked for a freeze") });
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0 });
  const after = await templateOf();
  expect(JSON.stringify(after)).toContain('"hello"');

  expect(await run("suspend", "ana", "--reason", "debugging")).toMatchObject({ code: 0 });
  await editEnvironment(folder, "goodbye");
  const suspended = await run("apply", ...PATIENCE);
  expect(suspended).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*ana: suspended by .*debugging[^]*frota resume ana/) });
  expect(await templateOf()).toEqual(after);
  expect(await run("resume", "ana")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ana: resumed; it was suspended by .*: debugging\n$/) });
  expect(await run("resume", "ana")).toMatchObject({ code: 4, stderr: expect.stringContaining("NOT_SUSPENDED: nobody suspended ana") });
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0 });
  expect(JSON.stringify(await templateOf())).toContain('"goodbye"');
  expect(await run("freeze", "--for", "1h")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^frozen until \S+ \S+ UTC by \S+@\S+; no running agent/) });
  expect((await run("status")).stdout).toMatch(/^frozen by \S+@\S+ until \S+ \S+ UTC \([^)]+ left\) \(ends earlier/m);
  expect(await run("freeze", "--end")).toMatchObject({ code: 0 });

  expect(await run("rollout", "pause")).toMatchObject({ code: 0 });
  fleet.push("second");
  await fleet.until("frota.dev/v1alpha1", "Fleet", "test", (object) => valueAt(object, ["status", "rollouts", 0, "phase"]) === "Paused");
  expect(await run("apply", ...PATIENCE)).toMatchObject({ code: 0, stderr: expect.stringMatching(/image latest does not roll out further: paused by/) });
});

test("a window of fleet.yaml is told as such: no command ends it, and a secret waits for its end", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "held-window");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  const folder = await fleet.writeFiles({ ana: {} });
  const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  await fleet.declareFleet({ freezes: [{ from: "2026-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z", reason: "holidays" }] });
  await fleet.control();
  // Kubernetes tells whole seconds: the process is to have begun in one before that of the change.
  const second = Math.floor(Date.now() / 1000);
  await vi.waitUntil(() => Math.floor(Date.now() / 1000) > second, { timeout: 30_000 });
  await vi.waitUntil(() => Date.now() % 1000 > 900, { interval: 20, timeout: 30_000 });
  await fleet.setSecret("ana", "rotated");
  await fleet.until("frota.dev/v1alpha1", "Agent", "ana", (object) => JSON.stringify(object?.["status"] ?? {}).includes("RestartPending"));

  const status = await run("secrets", "status", "ana");
  expect(status.stdout).toMatch(/Process {2}waiting {2}.*runs with its older values; the controller restarts it: frozen until 2100-01-01 00:00 UTC by fleet.yaml: holidays/);
  expect(status.stdout).toMatch(/next: wait for its end; earlier: take the window out of spec.disruption.freezes in fleet.yaml/);
  expect(await run("restart", "ana")).toMatchObject({ code: 8, stderr: expect.stringMatching(/AGENTS_HELD[^]*by fleet.yaml: holidays[^]*take the window out of spec.disruption.freezes/) });
  expect(await run("freeze", "--end")).toMatchObject({ code: 4, stderr: expect.stringMatching(/NOT_FROZEN: nobody asked for a freeze; what is on is a window of fleet.yaml/) });
});

test("a second suspension keeps who asked first and why, unless it has a reason of its own; without a reason none is on record", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "held-twice");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  const folder = await fleet.writeFiles({ ana: {} });
  const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  const recorded = async (kind: string, name: string) => {
    const { metadata } = (await fleet.get("frota.dev/v1alpha1", kind, name)) ?? {};
    return JSON.parse(metadata?.annotations?.["frota.dev/suspended"] ?? "null");
  };
  for (const [who, kind, name] of [["ana", "Agent", "ana"], ["--all", "Fleet", "test"]] as const) {
    const said = kind === "Agent" ? "ana" : "the fleet";
    expect(await run("suspend", who)).toMatchObject({ code: 0, stderr: `${said}: suspended: it goes on as it is, the controller writes nothing of it\n` });
    const first = await recorded(kind, name);
    expect(first).toEqual({ by: expect.stringContaining("@"), at: expect.any(String) });
    expect((await run("status")).stdout).toMatch(new RegExp(`^${said} is suspended by \\S+@\\S+ since \\S+ \\S+ UTC \\([^)]+ ago\\) \\(ends with`, "m"));

    expect(await run("suspend", who)).toMatchObject({ code: 0, stderr: expect.stringMatching(new RegExp(`^${said}: suspended already, by \\S+@\\S+ since \\S+ \\S+ UTC; that stays`)) });
    expect(await recorded(kind, name)).toEqual(first);

    expect((await run("suspend", who, "--reason", "debugging")).stderr).toMatch(/; it replaces what was on before: suspended by \S+@\S+ since .* UTC\n$/);
    expect(await recorded(kind, name)).toMatchObject({ reason: "debugging" });
    expect((await run("suspend", who)).stderr).toMatch(/suspended already, by \S+@\S+ since .* UTC: debugging; that stays/);
    expect(await recorded(kind, name)).toMatchObject({ reason: "debugging" });
    expect((await run("resume", who)).stderr).toMatch(/resumed; it was suspended by \S+@\S+: debugging\n$/);
  }
});
