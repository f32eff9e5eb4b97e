import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { runFrota } from "../../src/cli/app.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { runCli } from "./cli-run.ts";
import { NodeLogs } from "./node-logs.ts";

const NAMESPACE = "logs-test";
const NODE = "logs-test-node";

let cluster: Cluster;
let kubelet: NodeLogs;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "agent", namespace: NAMESPACE } });
  kubelet = await NodeLogs.start(cluster, NODE);
});

afterAll(async () => {
  await cluster.delete({ apiVersion: "v1", kind: "Namespace", name: NAMESPACE });
  await cluster.delete({ apiVersion: "v1", kind: "Node", name: NODE });
  cluster.close();
  await kubelet.stop();
});

const labelsOf = (agent: string) => ({ "app.kubernetes.io/name": "openclaw", "app.kubernetes.io/instance": agent });
const podReference = (name: string) => ({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name });

/** A Deployment that makes no pods: the test makes them. */
async function deploy(agent: string): Promise<void> {
  const labels = labelsOf(agent);
  const template = { metadata: { labels }, spec: { containers: [{ name: "openclaw", image: "openclaw" }] } };
  await cluster.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: agent, namespace: NAMESPACE, labels }, spec: { replicas: 0, selector: { matchLabels: labels }, template } });
}

const running = { state: { running: { startedAt: "2026-11-23T09:00:00Z" } } };

async function setStatus(pod: string, restartCount: number, state: object): Promise<void> {
  const containerStatuses = [{ name: "openclaw", image: "openclaw", imageID: "", ready: true, restartCount, containerID: `containerd://${pod}-${restartCount}`, ...state }];
  await cluster.mergePatch(podReference(pod), { status: { phase: "Running", containerStatuses } }, { subresource: "status" });
}

async function startPod(agent: string, name: string, image = "openclaw:1"): Promise<void> {
  const spec = {
    nodeName: NODE,
    serviceAccountName: "agent",
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "openclaw", image }],
  };
  await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE, labels: labelsOf(agent) }, spec });
  kubelet.begin(name);
  await setStatus(name, 0, running);
}

/** What it said on its narrow terminal, in one line. */
const told = ({ written }: ReturnType<typeof start>) => stripVTControlCharacters(written.stderr).replaceAll(/\s+/g, " ").trim();

/** A command that goes on until it is ended, with what it wrote so far. */
function start(...argv: string[]) {
  const abort = new AbortController();
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({ write: (text: string) => void (written[name] += text) });
  const narrowTerminal = { ...output("stderr"), isTTY: true, columns: 60 };
  const context: CliContext = {
    process: { stdout: output("stdout"), stderr: narrowTerminal, stdin: Readable.from([]), env: { KUBECONFIG: inject("kubeconfig") }, exitCode: null },
    cwd: tmpdir(),
    signal: abort.signal,
  };
  const ended = runFrota([...argv, "--context", "test", "-n", NAMESPACE], context);
  return {
    written,
    ended,
    lines: () => written.stdout.split("\n").slice(0, -1),
    end: () => {
      abort.abort();
      return ended;
    },
  };
}

const frota = (...argv: string[]) => runCli([...argv, "--context", "test", "-n", NAMESPACE], { cwd: tmpdir(), env: { KUBECONFIG: inject("kubeconfig") } });

beforeEach(async () => {
  for (const pod of await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: NAMESPACE })) await cluster.delete(podReference(pod.metadata.name));
  await Promise.all(["clovis", "roberval"].map(deploy));
});

test("lines of several agents come in the order of time, each with its agent", async () => {
  await startPod("clovis", "clovis-order");
  await startPod("roberval", "roberval-order");
  kubelet.write("clovis-order", "one");
  kubelet.write("roberval-order", "two");
  kubelet.write("clovis-order", "three");

  expect(await frota("logs")).toMatchObject({ code: 0, stdout: "clovis   | one\nroberval | two\nclovis   | three\n" });
  expect(await frota("logs", "clovis")).toMatchObject({ code: 0, stdout: "one\nthree\n" });
  expect(await frota("logs", "roberval", "clovis", "--tail", "1")).toMatchObject({ stdout: "roberval | two\nclovis   | three\n" });
  expect(await frota("logs", "-l", "app.kubernetes.io/instance in (clovis)")).toMatchObject({ code: 0, stdout: "clovis | one\nclovis | three\n" });
  expect(await frota("logs", "--all", "--grep", "^t", "--tail", "1")).toMatchObject({ stdout: "roberval | two\nclovis   | three\n" });
});

test("of several agents the newest ten lines of each, of one the whole log", async () => {
  await startPod("clovis", "clovis-many");
  kubelet.write("clovis-many", ...Array.from({ length: 15 }, (_, index) => `line ${index}`));
  expect((await frota("logs", "clovis")).stdout.split("\n")).toHaveLength(16);
  const several = await frota("logs");
  expect(several.stdout.split("\n")).toHaveLength(11);
  expect(several.stderr).toMatch(/^-- roberval has no log: it has no pod$/m);
});

test("wrong arguments, and a log that there is not", async () => {
  await startPod("clovis", "clovis-only");
  expect(await frota("logs", "nobody")).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENT_UNKNOWN") });
  expect(await frota("logs", "clovis", "--all")).toMatchObject({ code: 2, stderr: expect.stringContaining("LOGS_ARGUMENTS") });
  expect(await frota("logs", "-l", "team=sales", "--all")).toMatchObject({ code: 2, stderr: expect.stringContaining("LOGS_ARGUMENTS") });
  expect(await frota("logs", "clovis", "-l", "team=sales")).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENTS_NOT_NAMED") });
  expect(await frota("logs", "clovis", "--grep", "(")).toMatchObject({ code: 2 });
  expect(await frota("logs", "clovis", "--previous")).toMatchObject({ code: 3, stderr: expect.stringMatching(/NO_LOG: clovis has no earlier log: its gateway has not ended since its pod was made\n {2}next: without --previous/) });
  expect(await frota("logs", "roberval")).toMatchObject({ code: 3, stderr: expect.stringContaining("NO_LOG: roberval has no log: it has no pod") });
});

test("following goes on through cut connections: each line once", async () => {
  await startPod("clovis", "clovis-cut");
  kubelet.write("clovis-cut", "before", "same", "same");
  const following = start("logs", "clovis", "-f", "--tail", "2");
  await vi.waitFor(() => expect(following.lines()).toEqual(["same", "same"]), 20_000);
  await vi.waitFor(() => expect(kubelet.asked.some((asked) => asked.includes("clovis-cut") && asked.includes("follow"))).toBe(true), 20_000);
  for (const round of [1, 2, 3]) {
    kubelet.write("clovis-cut", `round ${round}`, "same");
    if (round === 2) await vi.waitFor(() => expect(following.lines()).toContain("round 2"), 20_000);
    kubelet.cut();
    kubelet.write("clovis-cut", `cut ${round}`);
  }
  await vi.waitFor(() => expect(following.lines()).toContain("cut 3"), 30_000);
  expect(await following.end()).toBe(0);
  expect(following.lines()).toEqual(["same", "same", "round 1", "same", "cut 1", "round 2", "same", "cut 2", "round 3", "same", "cut 3"]);
});

test("following goes on through a container that begins again, and says why it did", async () => {
  await startPod("clovis", "clovis-crash");
  kubelet.write("clovis-crash", "first life");
  const following = start("logs", "clovis", "-f");
  await vi.waitFor(() => expect(following.lines()).toEqual(["first life"]), 20_000);

  // The connection breaks at the same moment, and the last words are only in the log of the instance before.
  kubelet.cut();
  kubelet.write("clovis-crash", "last words");
  kubelet.begin("clovis-crash");
  kubelet.write("clovis-crash", "second life");
  await setStatus("clovis-crash", 1, { ...running, lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } } });
  await vi.waitFor(() => expect(following.lines()).toHaveLength(3), 30_000);

  kubelet.write("clovis-crash", "goes on");
  await vi.waitFor(() => expect(following.lines()).toContain("goes on"), 30_000);
  expect(await following.end()).toBe(0);
  expect(following.lines().toSorted()).toEqual(["first life", "goes on", "last words", "second life"]);
  expect(told(following)).toBe("-- clovis restarted: its gateway ended with exit code 137 (OOMKilled) (pod clovis-crash)");
});

test("following goes over to the next pod, and takes up an agent that comes later", async () => {
  await startPod("clovis", "clovis-old");
  kubelet.write("clovis-old", "old");
  const following = start("logs", "-f");
  await vi.waitFor(() => expect(following.lines()).toEqual(["clovis   | old"]), 20_000);

  kubelet.write("clovis-old", "goodbye");
  kubelet.end("clovis-old");
  await vi.waitFor(() => expect(following.lines()).toContain("clovis   | goodbye"), 20_000);
  await cluster.delete(podReference("clovis-old"));
  await startPod("clovis", "clovis-new", "openclaw:2");
  kubelet.write("clovis-new", "new");
  await startPod("roberval", "roberval-late");
  kubelet.write("roberval-late", "hello");
  await vi.waitFor(() => expect(following.lines()).toHaveLength(4), 30_000);
  expect(await following.end()).toBe(0);
  expect(following.lines().toSorted()).toEqual(["clovis   | goodbye", "clovis   | new", "clovis   | old", "roberval | hello"]);
  expect(told(following)).toBe("-- clovis restarted: another image (pod clovis-new)");
});

test.each(["unable to retrieve container logs for containerd://0a1b2c3d", 'rpc error: code = NotFound desc = an error occurred when try to find container "0a1b2c3d": not found'])(
  "what the kubelet says in a log's place is not the agent's: %s",
  async (words) => {
    await startPod("clovis", "clovis-lost");
    kubelet.write("clovis-lost", "mine");
    const following = start("logs", "clovis", "-f");
    await vi.waitFor(() => expect(following.lines()).toEqual(["mine"]), 20_000);
    await vi.waitFor(() => expect(kubelet.asked.some((asked) => asked.includes("clovis-lost") && asked.includes("follow"))).toBe(true), 20_000);
    const asked = () => kubelet.asked.filter((one) => one.includes("clovis-lost")).length;
    const before = asked();
    kubelet.lose("clovis-lost", words);
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(before + 1), 20_000);

    await startPod("roberval", "roberval-there");
    kubelet.write("roberval-there", "hello");
    const several = await frota("logs");
    expect(several).toMatchObject({ code: 0, stdout: "roberval | hello\n", stderr: expect.stringContaining(`-- clovis has no log: the node of pod clovis-lost cannot read its log now: ${words}`) });
    expect(await frota("logs", "clovis")).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(/NO_LOG: clovis has no log: the node of pod clovis-lost/) });
    const narrow = start("logs", "--tail", "1");
    expect(await narrow.ended).toBe(0);
    expect(told(narrow)).toContain(`cannot read its log now: ${words}`);
    const tooLong = stripVTControlCharacters(narrow.written.stderr).split("\n").filter((line) => line.length > 60);
    expect(tooLong).toEqual([]);

    kubelet.find("clovis-lost");
    kubelet.write("clovis-lost", "again");
    await vi.waitFor(() => expect(following.lines()).toContain("again"), 30_000);
    await cluster.delete(podReference("clovis-lost"));
    await startPod("clovis", "clovis-next", "openclaw:2");
    kubelet.write("clovis-next", "next");
    await vi.waitFor(() => expect(following.lines()).toContain("next"), 30_000);
    expect(await following.end()).toBe(0);
    expect(following.lines()).toEqual(["mine", "again", "next"]);
  },
);

test("a log of which no line is wanted is followed from its end, not from its beginning", async () => {
  await startPod("clovis", "clovis-since");
  kubelet.write("clovis-since", "long ago");
  const following = start("logs", "clovis", "-f", "--tail", "0");
  await vi.waitFor(() => expect(kubelet.asked.some((asked) => asked.includes("clovis-since") && asked.includes("follow"))).toBe(true), 20_000);
  kubelet.write("clovis-since", "now");
  await vi.waitFor(() => expect(following.lines()).toEqual(["now"]), 20_000);
  expect(await following.end()).toBe(0);
});
