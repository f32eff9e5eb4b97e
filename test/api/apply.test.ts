import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { agentStatus } from "../../src/engine/status/agent-status.ts";
import type { ApplyEvent } from "../../src/engine/apply/apply-event.ts";
import { applyFleet, planFleet, type ApplyRequest, type ApplyResult } from "../../src/engine/apply/apply-fleet.ts";
import { declareFleet } from "../../src/engine/apply/declare-fleet.ts";
import { deleteAgent, readInventory } from "../../src/engine/apply/delete-agent.ts";
import { readNamespace } from "../../src/engine/observe/fleet-watch.ts";
import type { ImageFacts } from "../../src/engine/ports.ts";
import { restartAgents } from "../../src/engine/apply/restart-agents.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import type { FleetSource, RepositoryFiles } from "../../src/spec/repository.ts";
import { StandInNode } from "./stand-in-node.ts";

const AGENTS = ["clementina", "clovis", "roberval"];
const IMAGE: ImageFacts = { digest: `sha256:${"a".repeat(64)}`, openclawVersion: "2026.9.2" };

let cluster: Cluster;
let files: RepositoryFiles;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  files = await readRepository(fileURLToPath(new URL("../../agents", import.meta.url)));
});

afterAll(() => cluster.close());

/** The repository's fleet in a namespace of its own, with texts of files replaced. */
function fleet(namespace: string, edits: Readonly<Record<string, (text: string) => string>> = {}): FleetSource {
  const edited = new Map([...files].map(([path, text]) => [path, edits[path]?.(text) ?? text]));
  edited.set("fleet.yaml", (edited.get("fleet.yaml") ?? "").replace("namespace: bots", `namespace: ${namespace}`));
  const { source, diagnostics } = assembleFleet(edited);
  if (!source || diagnostics.some(({ severity }) => severity === "error")) throw new Error(JSON.stringify(diagnostics));
  return source;
}

const tag = (name: string) => (text: string) => text.replace("openclaw-agent\n", `openclaw-agent\n    tag: ${name}\n`);
const size = (value: string) => (text: string) => text.replace(/size: \w+/, `size: ${value}`);

function request(source: FleetSource, rest: Partial<ApplyRequest> = {}, names: string[] = []): ApplyRequest {
  return {
    cluster,
    declared: declareFleet(source, names),
    images: { read: () => Promise.resolve(IMAGE) },
    timeout: 30_000,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    ...rest,
  };
}

async function withNode<Result>(namespace: string, work: (node: StandInNode) => Promise<Result>): Promise<Result> {
  const node = new StandInNode(cluster, namespace);
  try {
    return await work(node);
  } finally {
    node.stop();
  }
}

const outcomes = ({ agents }: ApplyResult) => agents.map(({ name, outcome }) => `${name} ${outcome}`);
const get = (namespace: string, apiVersion: string, kind: string, name: string) =>
  cluster.get({ apiVersion, kind, namespace, name });

async function resourceVersions(namespace: string): Promise<string[]> {
  const kinds = ["v1 ConfigMap", "v1 PersistentVolumeClaim", "v1 Service", "apps/v1 Deployment", "networking.k8s.io/v1 NetworkPolicy"];
  const lists = await Promise.all(
    kinds.map((text) => {
      const [apiVersion = "", kind = ""] = text.split(" ");
      return cluster.list({ apiVersion, kind }, { namespace });
    }),
  );
  return lists.flat().map((object) => `${object.kind}/${object.metadata.name} ${String(object.metadata["resourceVersion"])}`);
}

describe("a fleet from nothing", () => {
  test("three agents start side by side, their volumes are kept, and applying again writes nothing", async () => {
    const namespace = "apply-create";
    await withNode(namespace, async (node) => {
      const source = fleet(namespace);
      expect((await planFleet(request(source))).changes.agents.map(({ action }) => action)).toEqual(["create", "create", "create"]);
      expect(await get(namespace, "v1", "ConfigMap", "clovis-config")).toBeUndefined();

      const result = await applyFleet(request(source));
      expect(outcomes(result)).toEqual(AGENTS.map((name) => `${name} created`));
      expect(node.log.slice(0, 3).every((line) => /^(?:new|ready) /.test(line))).toBe(true);

      const claim = await get(namespace, "v1", "PersistentVolumeClaim", "clovis-state");
      expect(claim?.metadata.annotations?.["frota.dev/openclaw-version"]).toBe("2026.9.2");
      const volume = await cluster.get({ apiVersion: "v1", kind: "PersistentVolume", name: `${namespace}-clovis-state` });
      expect(volume?.["spec"]).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });

      const before = await resourceVersions(namespace);
      const began = performance.now();
      const again = await applyFleet(request(source));
      const milliseconds = performance.now() - began;
      expect(outcomes(again)).toEqual(AGENTS.map((name) => `${name} unchanged`));
      expect(again.changes.objects.filter(({ action }) => action !== "unchanged")).toEqual([]);
      expect(await resourceVersions(namespace)).toEqual(before);
      process.stderr.write(`no-op apply of 3 agents: ${Math.round(milliseconds)} ms\n`);

      const status = agentStatus(await readNamespace(cluster, namespace), "clovis");
      expect(status).toMatchObject({
        isReady: true,
        state: "Ready",
        image: { digest: IMAGE.digest, openclawVersion: "2026.9.2" },
        volume: { phase: "Bound", size: "20Gi" },
        secrets: { isSynced: true },
        problems: [],
      });
    });
  });
});

describe("a running fleet", () => {
  const namespace = "apply-change";
  let node: StandInNode;

  beforeAll(async () => {
    node = new StandInNode(cluster, namespace);
    await applyFleet(request(fleet(namespace)));
  });

  afterAll(() => node.stop());

  test("a new image restarts one agent after another, each Ready before the next", async () => {
    const source = fleet(namespace, { "fleet.yaml": tag("next") });
    const { changes } = await planFleet(request(source));
    expect(changes.agents.map(({ action }) => action)).toEqual(AGENTS.map(() => "restart"));
    expect(changes.agents.flatMap(({ restartReasons }) => restartReasons.map(({ cause }) => cause))).toEqual(AGENTS.map(() => "image"));
    node.log.length = 0;
    expect(outcomes(await applyFleet(request(source)))).toEqual(AGENTS.map((name) => `${name} restarted`));
    expect(node.log).toEqual(AGENTS.flatMap((name) => [`gone ${name}`, `new ${name}`, `ready ${name}`]));
  });

  test("when one fails it stays as applied, later ones are untouched, and the error quotes the cluster", async () => {
    const source = fleet(namespace, { "fleet.yaml": tag("broken") });
    node.behave((agent) => (agent === "clovis" ? "crash" : "ready"));
    const events: ApplyEvent[] = [];
    const failed = applyFleet(request(source, { onEvent: (event) => events.push(event) }));
    await expect(failed).rejects.toMatchObject({
      code: "AGENT_FAILED",
      outcome: "partial",
      message: expect.stringMatching(/clovis cannot become Ready: .*exit code 78.*OPENCLAW_OLDER_THAN_STATE: too old[^]*untouched: roberval/),
    });
    expect(events.at(-1)).toEqual({
      type: "finished",
      agents: [
        { name: "clementina", outcome: "restarted" },
        { name: "clovis", outcome: "failed" },
        { name: "roberval", outcome: "untouched" },
      ],
    });
    expect((await agentImage("clovis"))?.endsWith(":broken")).toBe(true);
    expect((await agentImage("roberval"))?.endsWith(":next")).toBe(true);

    // The safe way back: the last good declaration; the one that is down goes first.
    node.behave(() => "ready");
    node.log.length = 0;
    const back = await applyFleet(request(fleet(namespace, { "fleet.yaml": tag("next") })));
    expect(outcomes(back).toSorted()).toEqual(["clementina restarted", "clovis restarted", "roberval unchanged"]);
    expect(node.log.filter((line) => line.startsWith("new"))).toEqual(["new clovis", "new clementina"]);
  });

  async function agentImage(name: string): Promise<string | undefined> {
    return agentStatus(await readNamespace(cluster, namespace), name).image.reference;
  }

  test("an interrupted run is resumed by the next", async () => {
    const source = fleet(namespace, { "fleet.yaml": tag("resumed") });
    node.behave((agent) => (agent === "clovis" ? "hang" : "ready"));
    const abort = new AbortController();
    const onEvent = (event: ApplyEvent) => {
      if (event.type === "agent-started" && event.agent === "clovis") abort.abort();
    };
    await expect(applyFleet(request(source, { onEvent, signal: abort.signal }))).rejects.toMatchObject({
      code: "INTERRUPTED",
      outcome: "interrupted",
    });
    node.behave(() => "ready");
    const result = await applyFleet(request(source));
    expect(outcomes(result)).toEqual(["clementina unchanged", "clovis restarted", "roberval restarted"]);
  });

  test("restart leaves a mark that the next apply does not take away", async () => {
    node.log.length = 0;
    const { signal } = new AbortController();
    const data = Object.fromEntries(["GEMINI_API_KEY", "GITHUB_TOKEN", "LINEAR_API_KEY", "OPENCLAW_GATEWAY_TOKEN"].map((key) => [key, ""]));
    for (const name of ["clovis", "roberval"]) await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: `${name}-env`, namespace }, data });
    await restartAgents({ cluster, namespace, agents: ["clovis", "roberval"], timeout: 30_000, signal, now: () => new Date(0), onEvent: () => undefined });
    expect(node.log).toEqual(["clovis", "roberval"].flatMap((name) => [`gone ${name}`, `new ${name}`, `ready ${name}`]));
    const { changes } = await planFleet(request(fleet(namespace, { "fleet.yaml": tag("resumed") })));
    expect(changes.agents.map(({ action }) => action)).toEqual(["none", "none", "none"]);
  });

  test("delete keeps the volume, and applying again brings the agent back on it", async () => {
    const before = await get(namespace, "v1", "PersistentVolumeClaim", "clovis-state");
    const deleted: string[] = [];
    const inventory = await readInventory(cluster, namespace, "clovis");
    await deleteAgent(cluster, inventory, ({ kind }) => deleted.push(kind));
    expect(deleted).not.toContain("PersistentVolumeClaim");
    expect(await get(namespace, "apps/v1", "Deployment", "clovis")).toBeUndefined();
    await applyFleet(request(fleet(namespace, { "fleet.yaml": tag("resumed") }), {}, ["clovis"]));
    const after = await get(namespace, "v1", "PersistentVolumeClaim", "clovis-state");
    expect(after?.metadata["uid"]).toBe(before?.metadata["uid"]);
  });

  test.each<[string, Record<string, (text: string) => string>, Partial<ApplyRequest>, string]>([
    ["a volume that would shrink", { "clovis/agent.yaml": size("12Gi") }, {}, "STORAGE_SHRINK"],
    ["an image that does not exist", { "fleet.yaml": tag("v404") }, { images: { read: () => Promise.resolve(undefined) } }, "IMAGE_NOT_FOUND"],
    [
      "an image whose OpenClaw refuses its Node",
      { "fleet.yaml": tag("node") },
      { images: { read: () => Promise.resolve({ ...IMAGE, problem: "OpenClaw needs Node 24" }) } },
      "IMAGE_ENGINE",
    ],
    [
      "an OpenClaw older than the state",
      { "fleet.yaml": tag("old") },
      { images: { read: () => Promise.resolve({ ...IMAGE, openclawVersion: "2026.8.30" }) } },
      "OPENCLAW_DOWNGRADE",
    ],
    [
      "keys that Vault does not have",
      { "fleet.yaml": tag("keys") },
      { secrets: { keys: () => Promise.resolve(["OPENCLAW_GATEWAY_TOKEN"]) } },
      "SECRET_KEYS_MISSING",
    ],
  ])("refused before any write: %s", async (_title, edits, readers, code) => {
    const before = await resourceVersions(namespace);
    await expect(applyFleet(request(fleet(namespace, edits), readers))).rejects.toMatchObject({ code, outcome: "refused" });
    expect(await resourceVersions(namespace)).toEqual(before);
  });

  test("of a volume that would shrink, a diff tells its size, and not as lost what Kubernetes wrote of the claim", async () => {
    const { changes } = await planFleet(request(fleet(namespace, { "clovis/agent.yaml": size("12Gi") })));
    const claim = changes.objects.find(({ id }) => id.kind === "PersistentVolumeClaim" && id.name === "clovis-state");
    expect(claim?.differences.map(({ path }) => path)).toEqual(["spec.resources.requests.storage"]);
    expect(changes.refusals).toMatchObject([{ code: "STORAGE_SHRINK" }]);
  });

  test("a field that someone else set is a conflict that names them; --force-conflicts takes it over", async () => {
    const source = fleet(namespace, { "fleet.yaml": tag("resumed") });
    const reference = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "roberval-config" };
    await cluster.mergePatch(reference, { data: { "openclaw.json": "{}" } }, { fieldManager: "kubectl-edit" });
    await expect(applyFleet(request(source))).rejects.toMatchObject({
      code: "FIELD_CONFLICT",
      message: expect.stringContaining("kubectl-edit"),
      outcome: "refused",
    });
    const { changes } = await applyFleet(request(source, { forceConflicts: true }));
    expect(changes.agents.find(({ name }) => name === "roberval")?.action).toBe("update");
  });

  test("what kubectl applied from the same files is taken over without a question", async () => {
    const reference = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "roberval-config" };
    await cluster.mergePatch(reference, { data: { "openclaw.json": "{}" } }, { fieldManager: "kubectl-client-side-apply" });
    const { agents } = await applyFleet(request(fleet(namespace, { "fleet.yaml": tag("resumed") })));
    expect(agents.map(({ outcome }) => outcome)).toEqual(["unchanged", "unchanged", "updated"]);
  });
});
