import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runFrota } from "../../src/cli/app.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { connect, type ApiAnswer, type Cluster } from "../../src/cluster/cluster.ts";
import type { FleetEvent } from "../../src/engine/events/fleet-event.ts";
import { followEvents } from "../../src/engine/events/read-events.ts";
import { runCli } from "./cli-run.ts";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { UnsteadyConnection } from "./unsteady-connection.ts";

const NAMESPACE = "events-test";

let folder: string;
let controlPlane: ControlPlane;
let steady: Cluster;
let cluster: Cluster;
let relay: UnsteadyConnection;
const answers: ApiAnswer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-events-"));
  // Without its cache the API server watches from etcd itself, where what was compacted is gone.
  controlPlane = await startControlPlane(["--watch-cache=false"]);
  steady = await connect({ path: controlPlane.kubeconfig });
  relay = await UnsteadyConnection.start(controlPlane.kubeconfig, join(folder, "kubeconfig"));
  cluster = await connect({ path: join(folder, "kubeconfig") }, (answer) => answers.push(answer));
  await steady.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await deployment("clovis");
});

afterAll(async () => {
  steady.close();
  cluster.close();
  await relay.cut();
  await controlPlane.stop();
  await rm(folder, { recursive: true });
});

/** A Deployment without pods, so that no other events come of it. */
async function deployment(name: string): Promise<void> {
  const labels = { "app.kubernetes.io/name": "openclaw", "app.kubernetes.io/instance": name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "openclaw", image: "openclaw" }] } };
  await steady.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: NAMESPACE, labels }, spec: { replicas: 0, selector: { matchLabels: labels }, template } });
}

let made = 0;

/** Something happens to an object; the same `name` again counts it up. */
async function happen(kind: string, object: string, what: { reason: string; message: string; count?: number; name?: string; type?: string }): Promise<void> {
  const { name = `event-${++made}`, count = 1, type = "Normal", reason, message } = what;
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  await steady.apply({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: NAMESPACE },
    involvedObject: { apiVersion: "v1", kind, name: object, namespace: NAMESPACE },
    type,
    reason,
    message,
    count,
    firstTimestamp: "2026-11-23T00:00:00Z",
    lastTimestamp: now,
    source: { component: "test" },
  });
}

async function etcd(path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> {
  const response = await fetch(`${controlPlane.etcd}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
  const answer: { header: { revision: string } } = JSON.parse(await response.text());
  return answer;
}

/** Forgets everything in etcd that is not the newest. */
async function compact(): Promise<void> {
  const { header } = await etcd("range", { key: Buffer.from("/").toString("base64") });
  await etcd("compaction", { revision: header.revision, physical: true });
}

const frota = (...args: string[]) => runCli([...args, "--context", "test", "-n", NAMESPACE], { cwd: folder, env: { KUBECONFIG: controlPlane.kubeconfig } });

test("one line for each thing of the fleet, counted, in words; of nobody else's", async () => {
  await happen("Pod", "clovis-6d4cf56db6-x7k2p", { reason: "Scheduled", message: "Successfully assigned events-test/clovis-6d4cf56db6-x7k2p to bots-1" });
  await happen("Pod", "clovis-6d4cf56db6-x7k2p", { reason: "Unhealthy", message: "Readiness probe failed: refused", count: 7, type: "Warning" });
  await happen("Pod", "other-6d4cf56db6-x7k2p", { reason: "Started", message: "Started container other" });
  await happen("SecretStore", "vault", { reason: "Valid", message: "store validated" });

  const { code, stdout } = await frota("events");
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n").map((line) => line.replaceAll(/(?:\w{3} \d\d )?\d\d:\d\d:\d\d/g, "T").replace(/since .*T\)/, "since T)"));
  expect(lines.toSorted()).toEqual(
    ["T  (fleet)  External Secrets reaches Vault", "T  clovis   its pod was placed on node bots-1", "T  clovis   warning: its readiness probe failed: refused (7 times since T)"].toSorted(),
  );

  const data: { events: FleetEvent[] } = JSON.parse((await frota("events", "clovis", "-o", "json")).stdout);
  expect(data.events.map(({ agent, count, object }) => `${agent} ${count} ${object}`).toSorted()).toEqual([
    "clovis 1 Pod/clovis-6d4cf56db6-x7k2p",
    "clovis 7 Pod/clovis-6d4cf56db6-x7k2p",
  ]);
  const app = "app.kubernetes.io/instance";
  expect((await frota("events", "-l", `${app}=clovis`)).stdout.split("\n")).toHaveLength(3);
  expect(await frota("events", "-l", `${app}=nobody`)).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENT_UNKNOWN") });
  expect(await frota("events", "nobody")).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENT_UNKNOWN") });
  expect((await frota("events", "clovis", "--since", "0.001s")).stderr).toMatch(/nothing happened in the last 0.0 s/);
});

test("watching goes on through a cut connection and a forgotten place, and tells nothing twice", async () => {
  const abort = new AbortController();
  const told: string[] = [];
  const lost: string[] = [];
  const following = followEvents(
    { cluster, namespace: NAMESPACE, declared: [], agents: [], since: Date.now() - 3_600_000 },
    { signal: abort.signal, onEvent: ({ agent, what, count }) => told.push(`${agent ?? "fleet"} ${what} ${count}`), onDisconnected: (reason) => lost.push(reason) },
  );
  await vi.waitFor(() => expect(told).toContain("fleet External Secrets reaches Vault 1"), 20_000);
  const before = told.length;

  await happen("ExternalSecret", "clovis-env", { name: "sync", reason: "Updated", message: "secret synced" });
  await vi.waitFor(() => expect(told.at(-1)).toBe("clovis its secrets were synced from Vault 1"), 20_000);

  // While nobody looks: one thing goes on, a new agent comes, and etcd forgets where the watch was.
  await relay.cut();
  await happen("ExternalSecret", "clovis-env", { name: "sync", reason: "Updated", message: "secret synced", count: 2 });
  await deployment("roberval");
  await happen("Pod", "roberval-1-1", { reason: "Started", message: "Started container openclaw" });
  await compact();
  await relay.restore();
  await vi.waitFor(() => expect(told).toContain("roberval its container started 1"), 30_000);

  await happen("Fleet", "digitalsys", { reason: "RolloutComplete", message: "latest: done" });
  await vi.waitFor(() => expect(told.at(-1)).toBe("fleet latest: done 1"), 20_000);
  abort.abort();
  await following;
  expect(told.slice(before)).toEqual(["clovis its secrets were synced from Vault 1", "roberval its container started 1", "fleet latest: done 1"]);
  expect(new Set(told).size).toBe(told.length);
  expect(lost.length).toBeGreaterThan(0);
  // Its place was gone: it listed again.
  expect(answers.filter(({ method, isWatch, path }) => method === "GET" && !isWatch && path.endsWith("/events")).length).toBeGreaterThan(1);
});

test("watching writes one JSON object a line, and Ctrl-C is no failure", async () => {
  const abort = new AbortController();
  let written = "";
  const write = (text: string) => {
    written += text;
    if (text.includes("latest: done")) abort.abort();
  };
  const silent = { write: () => undefined };
  const context: CliContext = {
    process: { stdout: { write }, stderr: silent, stdin: Readable.from([]), env: { KUBECONFIG: controlPlane.kubeconfig }, exitCode: null },
    cwd: folder,
    signal: abort.signal,
  };
  expect(await runFrota(["events", "--watch", "-o", "json", "--context", "test", "-n", NAMESPACE], context)).toBe(0);
  const events = written.trimEnd().split("\n").map((line): FleetEvent => JSON.parse(line) as FleetEvent);
  expect(events.map(({ what }) => what)).toContain("latest: done");
});
