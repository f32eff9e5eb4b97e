import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { mapsAt } from "../../src/spec/plain-field.ts";
import { frota } from "./command-line.ts";
import { StandInNode } from "./stand-in-node.ts";

const NAMESPACE = "commands-test";
const PLANTED = `ghp_${"k3Y".repeat(12)}`;
/** What the External Secrets Operator would bring. */
const SECRETS = Object.fromEntries(["GEMINI_API_KEY", "GITHUB_TOKEN", "LINEAR_API_KEY", "OPENCLAW_GATEWAY_TOKEN"].map((key) => [key, ""]));
let cluster: Cluster;
let folder: string;
let node: StandInNode;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  folder = await mkdtemp(join(tmpdir(), "frota-commands-"));
  await cp(fileURLToPath(new URL("../../agents", import.meta.url)), folder, { recursive: true });
  await edit("fleet.yaml", (text) => text.replace("namespace: bots", `namespace: ${NAMESPACE}`));
  node = new StandInNode(cluster, NAMESPACE);
});

afterAll(async () => {
  node.stop();
  cluster.close();
  await rm(folder, { recursive: true });
});

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const file = join(folder, path);
  await writeFile(file, change(await readFile(file, "utf8")));
}

/** No registry and no Vault are in reach: what they would tell is a warning. */
function run(...args: string[]) {
  return frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
}

test("a fleet's life through the command line", { timeout: 180_000 }, async () => {
  const before = await run("diff");
  expect(before.code).toBe(1);
  expect(before.stdout).toMatch(/clovis is new/);
  expect(before.stdout).toMatch(/New agents: clementina, clovis, roberval/);

  const applied = await run("apply", "--plain", "--timeout", "60s");
  expect(applied).toMatchObject({ code: 0, stdout: "" });
  expect(applied.stderr).toMatch(/clovis starts for the first time · Ready/);
  expect(applied.stderr).toMatch(/3 created in /);
  expect(applied.stderr).toMatch(/warning: not checked beforehand/);

  const same = await run("diff");
  expect(same).toMatchObject({ code: 0, stdout: "No changes: the cluster is what the files say.\n" });
  const again = await run("apply", "--plain");
  expect(again.stderr).toMatch(/3 unchanged in /);

  const status = await run("status");
  expect(status.code).toBe(0);
  expect(status.stdout).toMatch(/^AGENT +READY +STATUS +SECRETS +IMAGE +RESTARTS +AGE +DIGEST +VOLUME\n/);
  expect(status.stdout).toMatch(/^clovis +yes +Ready +synced +latest +0 +\d+[sm] +aaaaaaaaaaaa +Bound \d+Gi$/m);
  const data: { agents: { name: string; isReady: boolean }[] } = JSON.parse((await run("status", "clovis", "-o", "json")).stdout);
  expect(data.agents).toMatchObject([{ name: "clovis", isReady: true }]);

  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "clovis-env", namespace: NAMESPACE }, data: SECRETS });
  const restarted = await run("restart", "clovis");
  expect(restarted).toMatchObject({ code: 0 });
  expect(restarted.stderr).toMatch(/clovis restarts · Ready/);

  const unconfirmed = await run("delete", "clovis");
  expect(unconfirmed.code).toBe(4);
  expect(unconfirmed.stderr).toMatch(/keeps PersistentVolumeClaim clovis-state/);
  const deleted = await run("delete", "clovis", "--yes");
  expect(deleted.code).toBe(0);
  expect(deleted.stderr).toMatch(/deleted Deployment clovis/);
  const gone = await run("status", "clovis");
  expect(gone).toMatchObject({ code: 1 });
  expect(gone.stdout).toMatch(/^clovis +no +Absent/m);

  expect(await run("diff")).toMatchObject({ code: 1, stdout: expect.stringMatching(/^clovis returns on its volume\n[^]* Agents that return on their volumes: clovis\. /m) });
  expect((await run("plan", "--plain")).stdout).toMatch(/: 1 agent that returns on its volume, 2 agents that stay as they are\n\nclovis: returns on its volume\n/);
  expect((await run("apply", "--plain", "--timeout", "60s")).stderr).toMatch(/clovis returns on its volume · Ready[^]*\b1 returned\b/);
});

test("a difference is told by field, with the restart's cause, and nothing secret in it", async () => {
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name: "roberval" };
  const live = await cluster.get(deployment);
  const [container] = mapsAt(live, "spec", "template", "spec", "containers");
  const env = [...mapsAt(container, "env"), { name: "GITHUB_TOKEN", value: PLANTED }, { name: "PLAIN", value: "visible" }];
  const image = "registry.digitalocean.com/digitalsys/openclaw-agent:by-hand";
  const spec = { template: { spec: { containers: [{ ...container, image, env }] } } };
  await cluster.mergePatch(deployment, { spec }, { fieldManager: "someone" });
  await edit("roberval/agent.yaml", (text) => `${text}  openclaw:\n    session:\n      mainKey: work\n`);

  const refused = await run("diff", "roberval");
  expect(refused.code).toBe(4);
  expect(refused.stdout).toMatch(/refused FIELD_CONFLICT: .*\(someone\)/);

  const text = await run("diff", "roberval", "-o", "yaml");
  for (const { stdout, stderr } of [refused, text]) expect(stdout + stderr).not.toContain(PLANTED);
  expect(refused.stdout).toMatch(/configuration session: \(none\) -> \{"mainKey":"work"\} \(with this restart\)/);
  expect(refused.stdout).toMatch(/^roberval restarts: configuration that needs a restart, image$/m);
});

test.each<[string, string[], number, RegExp]>([
  ["an unknown agent", ["apply", "clovi"], 2, /AGENT_UNKNOWN[^]*did you mean `clovis`/],
  ["an agent that is not in the cluster", ["restart", "nobody"], 2, /AGENT_UNKNOWN/],
  ["neither names nor --all", ["restart"], 2, /AGENTS_NOT_NAMED/],
  ["a log of a pod that has not started", ["logs", "roberval"], 3, /NO_LOG/],
  ["a time span that is none", ["apply", "--timeout", "soon"], 2, /not a time span: soon/],
])("%s", async (_title, args, code, message) => {
  const result = await run(...args);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(code);
});

test("no cluster, and a context that does not exist", async () => {
  const env = { KUBECONFIG: inject("kubeconfig"), FROTA_LAB: "no-such-lab" };
  const none = await frota(["status"], { cwd: folder, env });
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/NO_CLUSTER/) });
  const unknown = await frota(["status", "--context", "prod"], { cwd: folder, env });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/CONTEXT_UNKNOWN[^]*use one of: test/) });
});
