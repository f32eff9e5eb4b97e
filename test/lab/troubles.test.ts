import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Diagnosis } from "../../src/plan/diagnosis/diagnose.ts";
import { agentsReady, eventually, fleetReady, frota, kubectl, NAMESPACE, object, podOf, TEST_LAB } from "./lab.ts";
import { onVolume } from "./volume.ts";

/** Comes to harm in ways that only a real kubelet, scheduler, kernel and OpenClaw bring about, and is well again after each. */
const AGENT = "clementina";
const CONTAINER = "/spec/template/spec/containers/0";
const RECORD = ".frota/openclaw-version.json";

interface Deployment {
  readonly spec: { readonly template: unknown };
}

let good: unknown;

/** Where a controller runs on this lab it would put back what is broken here on purpose; in the plain way there is none to tell. */
const standStill = () => frota(["suspend", AGENT, "--reason", "broken on purpose"]);

beforeAll(async () => {
  await fleetReady([AGENT]);
  good = (await object<Deployment>("deployment", AGENT)).spec.template;
});

/** Of a JSON patch. */
interface Operation {
  readonly op: "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

afterAll(() => frota(["resume", AGENT]));

/** Changes the agent's Deployment, as somebody at a keyboard does. */
async function patch(operation: Operation): Promise<void> {
  await kubectl("patch", "deployment", AGENT, "--type=json", "-p", JSON.stringify([operation]));
}

async function restored(): Promise<void> {
  await patch({ op: "replace", path: "/spec/template", value: good });
  await agentsReady([AGENT], 600);
}

const onState = (script: string) => onVolume({ lab: TEST_LAB, namespace: NAMESPACE, name: `${AGENT}-state` }, script);

async function doctor(): Promise<Diagnosis & { readonly exit: number }> {
  const { code, stdout, stderr } = await frota(["doctor", "--agent", AGENT, "-o", "json"]);
  if (stdout === "") throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Diagnosis), exit: code };
}

/** The diagnosis once its first finding is this one. */
async function diagnosed(wanted: string, seconds = 300): Promise<Diagnosis & { readonly exit: number }> {
  let last = "";
  try {
    return await eventually(wanted, seconds, async () => {
      const diagnosis = await doctor();
      last = `${diagnosis.headline} ${JSON.stringify(diagnosis.findings)}`;
      return diagnosis.findings[0]?.code === wanted ? diagnosis : undefined;
    });
  } catch (cause) {
    throw new Error(`not ${wanted}, but: ${last}`, { cause });
  }
}

test("an agent that is well is called so, and everything could be looked at", async () => {
  const { exit, state, findings, checks } = await doctor();
  expect({ exit, state, findings }).toEqual({ exit: 0, state: "healthy", findings: [] });
  const unknown = checks.filter((check) => check.state !== "fine");
  expect(unknown).toEqual([]);
  expect(checks.find(({ subject }) => subject === "Space")?.detail).toMatch(/\d+ MiB of \d+ MiB free/);
});

describe("a pod that cannot start", () => {
  beforeAll(standStill);
  afterEach(restored);

  test.each<[string, string, Operation]>([
    ["an image that the registry has not", "IMAGE_UNKNOWN", { op: "replace", path: `${CONTAINER}/image`, value: "registry.digitalocean.com/digitalsys/openclaw-agent:no-such-tag" }],
    ["no pull secret", "IMAGE_PULL_DENIED", { op: "remove", path: "/spec/template/spec/imagePullSecrets" }],
    ["a pool that does not exist", "NODE_POOL_MISSING", { op: "replace", path: "/spec/template/spec/nodeSelector", value: { "doks.digitalocean.com/node-pool": "nowhere" } }],
    ["more memory than any node has", "NODE_POOL_FULL", { op: "replace", path: `${CONTAINER}/resources`, value: { requests: { memory: "900Gi" } } }],
    ["a ConfigMap that is gone", "MOUNT_SOURCE_MISSING", { op: "replace", path: "/spec/template/spec/volumes/1/configMap", value: { name: "no-such-configuration" } }],
    ["a Secret that is gone", "CONTAINER_CONFIG", { op: "replace", path: `${CONTAINER}/envFrom/0/secretRef/name`, value: "no-such-secret" }],
    ["a memory limit far too low", "OUT_OF_MEMORY", { op: "replace", path: `${CONTAINER}/resources`, value: { limits: { memory: "160Mi" }, requests: { memory: "160Mi" } } }],
    ["a startup probe that gives it no time", "STARTUP_PROBE_FAILED", { op: "replace", path: `${CONTAINER}/startupProbe`, value: { httpGet: { path: "/startupz", port: "gateway" }, periodSeconds: 1, failureThreshold: 1 } }],
    ["a command that the image has not", "IMAGE_INCOMPLETE", { op: "replace", path: `${CONTAINER}/command`, value: ["no-such-command"] }],
  ])("%s", async (_case, code, operation) => {
    await patch(operation);
    const { exit, state, headline, findings } = await diagnosed(code);
    expect({ exit, state }, headline).toEqual({ exit: 1, state: "down" });
    expect(findings[0]?.evidence.length).toBeGreaterThan(0);
    expect(findings[0]?.next.length).toBeGreaterThan(0);
  });
});

describe("a gateway that ends", () => {
  test("OpenClaw itself rejects the configuration", async () => {
    const before = await object<{ data: Record<string, string> }>("configmap", `${AGENT}-config`);
    const write = (text: string) => kubectl("patch", "configmap", `${AGENT}-config`, "--type=merge", "-p", JSON.stringify({ data: { "openclaw.json": text } }));
    const declared = JSON.parse(before.data["openclaw.json"] ?? "{}") as { gateway?: object };
    await write(JSON.stringify({ ...declared, gateway: { ...declared.gateway, prot: 1 } }));
    await kubectl("delete", "pod", (await podOf(AGENT)).metadata.name);
    try {
      const { findings } = await diagnosed("CONFIGURATION_INVALID");
      expect(JSON.stringify(findings[0]?.evidence)).toContain("prot");
    } finally {
      await write(before.data["openclaw.json"] ?? "{}");
      await kubectl("delete", "pod", (await podOf(AGENT)).metadata.name);
      await agentsReady([AGENT], 600);
    }
  });

  test("the start guard refuses an OpenClaw older than the state", async () => {
    const record = await onState(`cat "$volume/${RECORD}"`);
    const write = (text: string) => onState(`printf '%s' '${text}' > "$volume/${RECORD}"`);
    await write('{"version":"2099.1.1","attempt":null}');
    await kubectl("delete", "pod", (await podOf(AGENT)).metadata.name, "--wait=false");
    try {
      expect((await diagnosed("OPENCLAW_OLDER_THAN_STATE")).headline).toContain("2099.1.1");
    } finally {
      await write(record);
      await kubectl("delete", "pod", (await podOf(AGENT)).metadata.name);
      await agentsReady([AGENT], 600);
    }
  });
});

describe("a gateway that serves, and not all is well", () => {
  afterAll(async () => {
    await kubectl("rollout", "restart", `deployment/${AGENT}`);
    await agentsReady([AGENT], 600);
  });

  test("on a full volume, though it says that it is ready", async () => {
    await onState('fallocate -l "$(df -B1 --output=avail "$volume" | tail -n 1)" "$volume/filler" || true');
    try {
      expect(await diagnosed("VOLUME_FULL", 60)).toMatchObject({ exit: 1, state: "impaired" });
    } finally {
      await onState('rm -f "$volume/filler"');
    }
  });

  test("with another token than its Secret has", async () => {
    const { code, stderr } = await frota(["secrets", "set", AGENT, "OPENCLAW_GATEWAY_TOKEN"], { input: `token-of-${process.pid}-another\n` });
    expect(code, stderr).toBe(0);
    const { exit, headline } = await diagnosed("GATEWAY_TOKEN_MISMATCH", 60);
    expect(exit, headline).toBe(1);
  });
});
