import { beforeAll, describe, expect, test } from "vitest";
import { eventually, fleetReady, frota, kubectl, mustRun, object } from "../lab.ts";
import { AGENTS, agentResource, conditionText, operatedFleet, pinnedImages, podUids, settled } from "./operated.ts";

let before: Record<string, string> = {};

beforeAll(async () => {
  await fleetReady();
  before = await podUids();
  await operatedFleet();
});

describe("a fleet that the controller takes over", () => {
  test("goes on running: nobody restarts, and every agent is Ready in the controller's words", async () => {
    expect(await podUids()).toEqual(before);
    await kubectl("wait", "agents.frota.dev", "--all", "--for=condition=Ready", "--timeout=60s");
    const { code, stdout } = await frota(["status"]);
    expect(code, stdout).toBe(0);
    expect((await frota(["controller", "status"])).code).toBe(0);
  });

  test("is left as it is by a second frota start", async () => {
    const images = await pinnedImages();
    await mustRun(["start"]);
    expect(await podUids()).toEqual(before);
    expect(await pinnedImages()).toEqual(images);
    // Whose bake time the next files want short.
    await operatedFleet();
  });

  test("gets back a deleted Service, with an Event that says so", async () => {
    await kubectl("delete", "service", "clovis");
    await eventually("the Service to come back", 60, () => kubectl("get", "service", "clovis").catch(() => undefined));
    const said = await eventually("the Event", 60, async () => {
      const events = await kubectl("get", "events", "--field-selector", "involvedObject.kind=Agent,involvedObject.name=clovis", "-o", "jsonpath={.items[*].message}");
      return events.includes("Service/clovis") ? events : undefined;
    });
    expect(said).toMatch(/put back.*Service\/clovis/);
  });

  test("keeps an annotation of somebody else, and honors kubectl rollout restart with its cause on record", async () => {
    await kubectl("annotate", "deployment", "roberval", "example.com/note=mine", "--overwrite");
    const uids = await podUids();
    await kubectl("rollout", "restart", "deployment/roberval");
    await eventually("another pod", 420, async () => {
      const now = (await podUids())["roberval"];
      return now !== undefined && now !== uids["roberval"] ? true : undefined;
    });
    await settled();
    const newest = await eventually("the cause on record", 60, async () => {
      const record = (await agentResource("roberval")).status?.restarts?.at(-1);
      return record?.cause === "Manual" ? record : undefined;
    });
    expect(newest.cause).toBe("Manual");
    const { metadata } = await object<{ metadata: { annotations: Record<string, string> } }>("deployment", "roberval");
    expect(metadata.annotations["example.com/note"]).toBe("mine");
    const others = AGENTS.filter((agent) => agent !== "roberval");
    for (const agent of others) expect((await podUids())[agent]).toBe(before[agent]);
  });

  test("gets back a Deployment that somebody edited, and the edit is told", async () => {
    const edit = { spec: { template: { spec: { containers: [{ name: "openclaw", env: [{ name: "OPENCLAW_NO_AUTO_UPDATE", value: "0" }] }] } } } };
    await kubectl("patch", "deployment", "clementina", "-p", JSON.stringify(edit));
    await eventually("the edit to be gone", 600, async () => {
      const text = await kubectl("get", "deployment", "clementina", "-o", "json");
      return /"name": "OPENCLAW_NO_AUTO_UPDATE",\s*"value": "1"/.test(text) ? true : undefined;
    });
    await settled();
    const restarts = (await agentResource("clementina")).status?.restarts ?? [];
    expect(restarts.map(({ cause }) => cause)).toContain("Drift");
    expect(conditionText(await agentResource("clementina"), "ConfigCurrent")).toMatch(/^True/);
  });
});
