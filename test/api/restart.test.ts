import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { OPERATED } from "../../src/engine/operate/annotations.ts";
import { conditionOf } from "../../src/engine/operated/resource-status.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";
import { kubeconfigOf } from "./service-account.ts";

const REQUIRED = ["OPENCLAW_GATEWAY_TOKEN"];
const NEXT = "`frota secrets status ana` shows where it is lost, and what to do";

let fleet: OperatedFleet;
let folder: string;

beforeAll(async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "restart");
  await fleet.declareFleet();
  for (const name of ["ana", "bia"]) await fleet.declareAgent(name, { secrets: { required: REQUIRED } });
  await fleet.settle();
  folder = await fleet.writeFiles({ ana: {}, bia: {} });
});

afterAll(() => fleet.end());

const run = (...args: string[]) => frota([...args, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") }, signal: AbortSignal.timeout(60_000) });
const secretOf = (agent: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { name: `${agent}-env`, namespace: fleet.namespace } });
const generations = async () => Promise.all(["ana", "bia"].map(async (name) => (await fleet.deployment(name))?.metadata["generation"]));

/** Waits for what the controller says of ana's Secret. */
async function untilSecrets(isWanted: (reason: string | undefined) => boolean): Promise<void> {
  await fleet.until("frota.dev/v1alpha1", "Agent", "ana", (agent) => isWanted(conditionOf(agent, "SecretsCurrent")?.reason));
}

/** The kubeconfig of somebody who may do all that restarts need, and not read Secrets. */
async function withoutSecrets(): Promise<string> {
  const account = { namespace: fleet.namespace, name: "restarter" };
  const [binding, role] = [{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" }, { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" }];
  const metadata = { name: "restarter-of-test" };
  await fleet.cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: account });
  await fleet.cluster.apply({ ...role, metadata, rules: [{ apiGroups: ["apps", "coordination.k8s.io", "frota.dev"], resources: ["*"], verbs: ["*"] }] });
  await fleet.cluster.apply({ ...binding, metadata, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name }, subjects: [{ kind: "ServiceAccount", ...account }] });
  return kubeconfigOf(fleet.cluster, account, join(folder, "restarter.kubeconfig"));
}

/** Replaces what is in the agent's Secret. */
async function replaceSecret(agent: string, keys: readonly string[]): Promise<void> {
  await fleet.cluster.delete({ ...secretOf(agent), namespace: fleet.namespace, name: `${agent}-env` });
  await fleet.cluster.apply({ ...secretOf(agent), data: Object.fromEntries(keys.map((key) => [key, ""])) });
}

test("who could not start again, for its Secret lacks a key, is not taken down: that is said at once, and nobody restarts", async () => {
  const before = await generations();
  await replaceSecret("ana", ["OTHER"]);
  for (const dry of [[], ["--dry-run"]]) {
    expect(await run("restart", "ana", ...dry)).toEqual({
      code: 4,
      stdout: "",
      stderr: `error SECRET_KEYS_MISSING: ana was not restarted, for it could not start again: its Secret ana-env lacks OPENCLAW_GATEWAY_TOKEN\n  at: Secret/restart/ana-env\n  next: ${NEXT}; then restart again\n`,
    });
  }
  await fleet.cluster.delete({ ...secretOf("bia"), namespace: fleet.namespace, name: "bia-env" });
  expect(await run("restart", "bia")).toMatchObject({ code: 4, stderr: expect.stringMatching(/^error SECRET_MISSING: bia was not restarted, .*: its Secret bia-env is not there\n/) });
  const both = "nobody was restarted, for 2 agents could not start again:\n  ana: its Secret ana-env lacks OPENCLAW_GATEWAY_TOKEN\n  bia: its Secret bia-env is not there\n";
  expect(await run("restart", "--all")).toMatchObject({ code: 4, stderr: expect.stringContaining(both) });
  expect(await generations()).toEqual(before);
});

test("a container that cannot be made for want of a Secret is told with what to do", async () => {
  for (const agent of ["ana", "bia"]) await replaceSecret(agent, REQUIRED);
  fleet.node.behave(() => "secret-missing");
  const { code, stderr } = await run("restart", "ana", "--timeout", "10s");
  fleet.node.behave(() => "ready");
  expect(code).toBe(6);
  expect(stderr).toMatch(/error AGENT_NOT_READY: ana is not Ready after 10 s: CreateContainerConfigError: secret "ana-env" not found\n/);
  expect(stderr).toContain("next: `frota secrets status ana` shows where what it misses is lost, and what to do; then `frota restart ana` again; its volume is untouched\n");
  expect(await run("restart", "ana", "--timeout", "30s")).toMatchObject({ code: 0 });
});

describe("where a controller is", () => {
  const linear = { secrets: { required: [...REQUIRED, "LINEAR_API_KEY"] } };

  test("who could not start as it is declared is not restarted, though it could as it runs", async () => {
    await fleet.control();
    await fleet.declareAgent("ana", linear);
    await untilSecrets((reason) => reason === "MissingKeys");
    for (const dry of [[], ["--dry-run"]]) {
      expect(await run("restart", "ana", ...dry)).toMatchObject({
        code: 4,
        stderr: expect.stringContaining("error SECRET_KEYS_MISSING: ana was not restarted, for it could not start again: its Secret ana-env lacks LINEAR_API_KEY\n"),
      });
    }
    expect((await fleet.get("frota.dev/v1alpha1", "Agent", "ana"))?.metadata.annotations?.[OPERATED.requestedOperation], "nothing was asked for").toBeUndefined();
  });

  test("a controller that waits for a key is not waited for by who may not read Secrets, and says which; with the key the same command succeeds", async () => {
    const { code, stderr } = await frota(["restart", "ana", "--timeout", "10m", "--context", "test"], {
      cwd: folder, env: { KUBECONFIG: await withoutSecrets() }, signal: AbortSignal.timeout(60_000),
    });
    expect([code, stderr]).toEqual([8, expect.stringMatching(/error AGENTS_HELD: .*:\n {2}ana: its Secret ana-env lacks LINEAR_API_KEY\n/)]);
    expect(stderr).toContain(`goes on by itself when that is over: ${NEXT}\n`);
    await fleet.cluster.mergePatch({ apiVersion: "v1", kind: "Secret", namespace: fleet.namespace, name: "ana-env" }, { data: { LINEAR_API_KEY: "" } });
    await untilSecrets((reason) => reason !== "MissingKeys");
    expect(await run("restart", "ana", "--timeout", "60s")).toMatchObject({ code: 0 });
  });

  test("who runs with a key that it is declared to need no more is not refused for want of that", async () => {
    await fleet.declareAgent("ana", { secrets: { required: REQUIRED }, suspend: true });
    await fleet.until("frota.dev/v1alpha1", "Agent", "ana", (agent) => textAt(agent, "status", "phase") === "Suspended");
    await replaceSecret("ana", REQUIRED);
    expect(await run("restart", "ana")).toMatchObject({ code: 8, stderr: expect.stringMatching(/error AGENTS_HELD: .*:\n {2}ana: suspended by Git/) });
    await fleet.declareAgent("ana", { secrets: { required: REQUIRED } });
  });
});

test("what an agent waited for is in the error when the time is over", async () => {
  fleet.node.behave(() => "hang");
  const { code, stderr } = await run("restart", "bia", "--timeout", "10s");
  fleet.node.behave(() => "ready");
  expect(code).toBe(6);
  expect(stderr).toMatch(/error APPLY_TIMEOUT: not every restart was over in time; the controller goes on:\n {2}bia: \S.*\n {2}next: `frota doctor --agent bia` finds the cause; `frota status` shows where it stands\n$/);
});
