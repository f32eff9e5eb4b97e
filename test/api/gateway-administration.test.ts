import { afterEach, describe, expect, test } from "vitest";
import { applyHotConfiguration } from "../../src/engine/gateway/hot-configuration.ts";
import { GatewayClient } from "../../src/gateway/client.ts";
import { readGateway } from "../../src/gateway/reading.ts";
import healthy from "../../src/gateway/testdata/healthy.json" with { type: "json" };
import { ok, refusal, StandInGateway } from "./stand-in-gateway.ts";

let standIn = new StandInGateway();

afterEach(() => {
  standIn.close();
  standIn = new StandInGateway();
});

describe("reading a gateway", () => {
  test("lightly is two requests", async () => {
    expect(await readGateway(await standIn.endpoint(), "light")).toEqual({ depth: "light", state: "healthy", problems: [], activity: "unknown" });
    expect(standIn.methods()).toEqual(["health"]);
  });

  test("fully tells its version, and what a later reading is compared with", async () => {
    const reading = await readGateway(await standIn.endpoint(), "full");
    expect(reading).toMatchObject({ state: "healthy", openclawVersion: "2026.9.2", baseline: { modelProblems: [], connectedChannels: [] } });
  });

  test("that drains asks no more than that", async () => {
    standIn.startup = { status: 503, body: { ok: false, status: "draining" } };
    expect(await readGateway(await standIn.endpoint(), "full")).toMatchObject({ state: "unhealthy", problems: ["the gateway is draining"] });
    expect(standIn.methods()).toEqual([]);
  });

  test("that does not answer is a problem in words, not a failure", async () => {
    const endpoint = await standIn.endpoint();
    standIn.close();
    expect(await readGateway(endpoint, "light")).toMatchObject({ state: "unknown", activity: "unknown", problems: [expect.stringContaining("does not answer")] });
  });

  test("with background tasks says that it is busy", async () => {
    standIn.answers["status"] = () => ok({ ...healthy.status, tasks: { active: 1 } });
    expect(await readGateway(await standIn.endpoint(), "full")).toMatchObject({ activity: "busy" });
  });

  test("before it is stopped: with a running turn it is busy and goes on, without one it is idle and let go again", async () => {
    const endpoint = await standIn.endpoint();
    // As recorded from a gateway with one running turn.
    standIn.answers["gateway.suspend.prepare"] = () => ok({ status: "busy", reason: "active-work", activeCount: 5, blockers: [{ kind: "embedded-run", count: 1, message: "1 active embedded run(s)" }] });
    expect(await readGateway(endpoint, "light", { isAboutToStop: true })).toMatchObject({ state: "healthy", activity: "busy" });
    expect(standIn.methods()).toEqual(["health", "gateway.suspend.prepare"]);

    standIn.answers["gateway.suspend.prepare"] = () => ok({ status: "ready", suspensionId: "s1", expiresAtMs: 1, activeCount: 0, blockers: [] });
    standIn.answers["gateway.suspend.resume"] = () => ok({ ok: true, status: "running", resumed: true });
    expect(await readGateway(endpoint, "light", { isAboutToStop: true })).toMatchObject({ state: "healthy", activity: "idle" });
    expect(standIn.asked.at(-1)).toEqual({ method: "gateway.suspend.resume", params: { suspensionId: "s1" } });
  });
});

describe("configuration into a running gateway", () => {
  const base = healthy["config.get"].parsed;
  const declared = { ...base, tools: { deny: ["browser"] } };

  async function change() {
    return { gateway: new GatewayClient(await standIn.endpoint()), base, declared };
  }

  test("is one patch for the text that was read, with its lists named", async () => {
    standIn.answers["config.patch"] = () => ok({ ok: true, sentinel: { payload: { stats: { requiresRestart: false } } } });
    expect(await applyHotConfiguration(await change())).toEqual({ patched: ["tools"], conflicts: [], restartPaths: [], needsRestart: false });
    const { hash } = healthy["config.get"];
    expect(standIn.asked.at(-1)).toEqual({ method: "config.patch", params: { raw: '{"tools":{"deny":["browser"]}}', baseHash: hash, replacePaths: ["tools.deny"] } });
  });

  test("is read once more when the agent changed it meanwhile, and then given up", async () => {
    let refusals = 1;
    standIn.answers["config.patch"] = () => (refusals-- > 0 ? refusal(400, "config changed since last load; re-run config.get and retry") : ok({ ok: true }));
    const given = await change();
    expect(await applyHotConfiguration(given)).toMatchObject({ patched: ["tools"] });
    expect(standIn.methods()).toEqual(["config.get", "config.patch", "config.get", "config.patch"]);
    refusals = 9;
    await expect(applyHotConfiguration(given)).rejects.toMatchObject({ code: "GATEWAY_CONFIG_CHANGED" });
  });

  test("that the gateway restarts itself for has arrived", async () => {
    standIn.answers["config.patch"] = () => refusal(503, "config.patch persisted and was accepted for restart; wait for the Gateway to restart, then run config.get");
    expect(await applyHotConfiguration(await change())).toMatchObject({ patched: ["tools"] });
  });

  test("that it refuses is told with its reason", async () => {
    standIn.answers["config.patch"] = () => refusal(400, 'invalid config: cron: Unrecognized key: "never"');
    await expect(applyHotConfiguration(await change())).rejects.toMatchObject({ code: "GATEWAY_REFUSED", message: expect.stringContaining("Unrecognized key") });
  });

  test("that it has on disk but does not work with needs a restart", async () => {
    standIn.answers["config.get"] = () => ok({ ...healthy["config.get"], parsed: declared, appliedConfigHash: "another" });
    expect(await applyHotConfiguration(await change())).toMatchObject({ patched: [], needsRestart: true });
  });

  test("is left to the kubelet where the gateway reads the mounted declaration itself", async () => {
    standIn.answers["config.get"] = () => ok({ ...healthy["config.get"], path: "/etc/frota/config/openclaw.json" });
    expect(await applyHotConfiguration(await change())).toEqual({ patched: [], conflicts: [], restartPaths: [], needsRestart: false });
    expect(standIn.methods()).toEqual(["config.get"]);
  });
});
