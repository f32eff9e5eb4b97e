import { afterEach, expect, inject, test } from "vitest";
import type { Manifest } from "../../src/render/manifest.ts";
import { valueAt, type PlainMap } from "../../src/spec/plain-data.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { OperatedFleet } from "./operated-fleet.ts";
import { ok, StandInGateway } from "./stand-in-gateway.ts";
import { applied } from "../../src/plan/testing/merge-patch.ts";

let fleet: OperatedFleet;
const gateway = new StandInGateway();

afterEach(async () => {
  await fleet.end();
  gateway.close();
});

const parse = (text: string | undefined): PlainMap => JSON.parse(text ?? "{}") as PlainMap;
const declaredIn = (configMap: Manifest | undefined) => textAt(configMap, "data", "openclaw.json") ?? "";
const templateOf = (deployment: Manifest | undefined) => JSON.stringify(valueAt(deployment, ["spec", "template"]));
const restartOf = (deployment: Manifest | undefined) => parse(deployment?.metadata.annotations?.["frota.dev/restart"]);

test("the controller hands hot keys to the running gateway and restarts for the others; the agent's own keys stay, conflicts are told", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-configuration");
  await fleet.declareFleet();
  await fleet.declareAgent("ana", { openclaw: { tools: { profile: "coding" } } });
  await fleet.settle();
  const template = templateOf(await fleet.deployment("ana"));

  // What the start guard made of it, and what the agent changed since.
  let live = applied(parse(declaredIn(await fleet.get("v1", "ConfigMap", "ana-config"))), { tools: { profile: "minimal" }, cron: { enabled: true } });
  gateway.answers["config.get"] = () => ok({ parsed: live, hash: String(gateway.asked.length), valid: true });
  gateway.answers["config.patch"] = ({ raw }) => {
    live = applied(live, parse(String(raw)));
    return ok({ ok: true });
  };
  const { address } = await gateway.endpoint();
  const controller = await fleet.control({ gatewayAccess: { type: "address", address } });

  await fleet.declareAgent("ana", { openclaw: { tools: { profile: "messaging", deny: ["browser"] } } });
  await fleet.until("v1", "ConfigMap", "ana-config", (object) => declaredIn(object).includes("messaging"));
  expect(live).toMatchObject({ tools: { profile: "messaging", deny: ["browser"] }, cron: { enabled: true } });
  expect(templateOf(await fleet.deployment("ana"))).toBe(template);
  const events = await fleet.cluster.list({ apiVersion: "v1", kind: "Event" }, { namespace: fleet.namespace });
  const told = events.map((event) => `${textAt(event, "reason")}: ${textAt(event, "message")}`);
  expect(told).toContain("Reconfigured: taken over without a restart: tools.profile, tools.deny");
  expect(told).toContain("ConfigurationConflict: the agent had changed itself: tools.profile (the declared value won)");

  await fleet.declareAgent("ana", { openclaw: { env: { vars: { LOUD: "1" } } } });
  const restarted = await fleet.until("apps/v1", "Deployment", "ana", (object) => templateOf(object) !== template);
  expect(restartOf(restarted)).toMatchObject({ cause: "Configuration" });
  expect(live).toMatchObject({ cron: { enabled: true } });
  // Whether the gateway drops the hot keys just before or the next start does, depends on which turn has the restart's permit.
  expect(declaredIn(await fleet.get("v1", "ConfigMap", "ana-config"))).not.toContain("messaging");
  expect(live).not.toHaveProperty("env");
  await controller.stop();
});
