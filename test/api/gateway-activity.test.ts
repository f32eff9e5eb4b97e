import { afterAll, beforeAll, expect, test } from "vitest";
import { askActivities } from "../../src/engine/gateway/gateway-activity.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { ok, StandInGateway } from "./stand-in-gateway.ts";

const gateway = new StandInGateway();
let address: string;

beforeAll(async () => {
  ({ address } = await gateway.endpoint());
});

afterAll(() => gateway.close());

/** A cluster with tunnels to the gateway, but for agents whose tunnel never comes. */
const cluster = {
  get: ({ name }: { readonly name: string }): Promise<Manifest | undefined> =>
    Promise.resolve(name === "poor-env" ? undefined : { apiVersion: "v1", kind: "Secret", metadata: { name }, data: { OPENCLAW_GATEWAY_TOKEN: Buffer.from("token").toString("base64") } }),
  portForward: (_namespace: string, pod: string) => (pod === "lost" ? new Promise<never>(() => undefined) : Promise.resolve({ address, close: () => Promise.resolve() })),
};

const ask = (agents: readonly string[]) => askActivities({ cluster, namespace: "bots", pods: agents.map((agent) => ({ agent, pod: agent })) });
const read = (agents: readonly string[], limit = 5_000) => ask(agents).within(limit);

test("a running task is busy; without one nobody can say; the gateway is never asked to stand still", async () => {
  gateway.answers["status"] = () => ok({ tasks: { active: 2 } });
  expect((await read(["clovis"])).get("clovis")).toEqual({ state: "busy", message: "background tasks run" });
  delete gateway.answers["status"];
  expect((await read(["clovis"])).get("clovis")).toMatchObject({ state: "unknown" });
  expect(gateway.methods().filter((method) => method.startsWith("gateway.suspend"))).toEqual([]);
});

test("a gateway that cannot be asked is unknown, in words", async () => {
  expect((await read(["poor"])).get("poor")).toEqual({ state: "unknown", message: expect.stringContaining("Secret has no OPENCLAW_GATEWAY_TOKEN") });
});

test("the time runs from when the answers are needed: until then whoever asked may compute for longer than that", async () => {
  const asked = ask(["lost", "clovis"]);
  // Nothing is read meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_700);
  const found = await asked.within(1_500);
  expect(found.get("lost")).toMatchObject({ message: "its gateway did not answer in time" });
  expect(found.get("clovis")).toMatchObject({ message: expect.stringContaining("no task runs") });
});

test("who is not needed any more is not asked any more", async () => {
  const before = gateway.methods().length;
  const asked = ask(["clovis", ...Array.from({ length: 200 }, () => "clovis")]);
  asked.end();
  expect((await asked.within(5_000)).get("clovis")).toMatchObject({ state: "unknown" });
  expect(gateway.methods().length - before).toBeLessThan(2 * 64);
});

test("all of them together take no longer than the limit, however many never answer", async () => {
  const names = [...Array.from({ length: 200 }, () => "lost"), "clovis"];
  const began = performance.now();
  const found = await read(names, 300);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(found.get("lost")).toEqual({ state: "unknown", message: "its gateway did not answer in time" });
  expect(found.get("clovis")).toMatchObject({ state: "unknown" });
});
