import { describe, expect, test } from "vitest";
import { decide } from "../decide.ts";
import { agentWorld, DECLARED, gateway, NOON, pod, restarted, status } from "../testing/worlds.ts";
import type { AgentWorld } from "../world.ts";

const iso = (at: number) => new Date(at).toISOString();
const told = (type: "Ready" | "Stalled", is: "True" | "False", reason = "") => ({ type, status: is, reason, message: "", observedGeneration: 1, lastTransitionTime: iso(NOON - 600_000) });
const givenUp = (reason: string, isStalled: "True" | "False", began: number) =>
  status({ phase: "Failed", conditions: [told("Ready", "False", reason), told("Stalled", isStalled)], secrets: { isProven: true, processStartedAt: iso(began) } });
const unwell = (checkedAt: number, changes: Partial<AgentWorld> = {}) =>
  agentWorld({ gateway: gateway({ state: "unhealthy", problems: ["no credentials"], checkedAt }), previous: givenUp("GatewayUnhealthy", "True", NOON - 3_600_000), ...changes });
const { startedAt: __, ...ended } = pod({ isReady: false, restarts: 3, waiting: { reason: "CrashLoopBackOff" } });
const crashed = (began: number, changes: Partial<AgentWorld> = {}) => agentWorld({ pods: [ended], previous: givenUp("CrashLoopBackOff", "True", began), ...changes });
const again = (is: "True" | "False") =>
  agentWorld({ pods: [{ ...ended, restarts: 4, startedAt: NOON - 5_000 }], previous: givenUp("CrashLoopBackOff", is, NOON - 300_000), hotKeys: { writtenAt: NOON - 60_000 } });
const taken = (writtenAt: number) => ({ hotKeys: { writtenAt, takenBy: "pod-1/0" } });
const hot = { configuration: { hasHotKeys: true } };

describe("an agent that failed and is configured anew without a restart", () => {
  test.each<[string, AgentWorld, "True" | "False"]>([
    ["is Stalled while nothing changes", unwell(NOON - 1_000), "True"],
    ["is not when its gateway is to take over keys", unwell(NOON - 1_000, hot), "False"],
    ["is when that does not succeed", unwell(NOON - 1_000, { ...hot, failure: { code: "GATEWAY_REFUSED", message: "no", at: NOON, kind: "retryable" } }), "True"],
    ["is when its gateway cannot be asked to", unwell(NOON - 1_000, { ...hot, gateway: gateway({ state: "unknown" }) }), "True"],
    ["is not until its gateway was asked again", unwell(NOON - 30_000, taken(NOON - 10_000)), "False"],
    ["is not while channels and logins come up with them", unwell(NOON - 1_000, taken(NOON - 60_000)), "False"],
    ["is when its gateway is no better for them", unwell(NOON - 1_000, taken(NOON - 62_000)), "True"],
    ["is when other keys changed, which it does not take over", unwell(NOON - 1_000, { configuration: { hasHotKeys: false } }), "True"],
    ["is while nothing changes, ended", crashed(NOON - 300_000), "True"],
    ["is not when its next start reads keys", crashed(NOON - 300_000, hot), "False"],
    ["is not until its next start, which has read them", crashed(NOON - 300_000, { hotKeys: { writtenAt: NOON - 60_000 } }), "False"],
    ["is when a process failed that began after that", crashed(NOON - 30_000, { hotKeys: { writtenAt: NOON - 60_000 } }), "True"],
    ["is not while the first process with them starts", again("False"), "False"],
    ["is while a further one starts", again("True"), "True"],
    ["is not suspended and Stalled at once", unwell(NOON - 1_000, { ...hot, declared: { ...DECLARED, suspended: "ana" } }), "False"],
    ["is where its image is on trial: that goes back", restarted("Image", 241_000, hot), "True"],
  ])("%s", (_name, world, is) => {
    const found = decide(world, NOON).status;
    expect(found?.conditions.find(({ type }) => type === "Ready")?.status, "nothing else of it changes").toBe("False");
    expect(found?.conditions.find(({ type }) => type === "Stalled")?.status).toBe(is);
  });

  test("says what it waits for", () => {
    const world = unwell(NOON - 1_000, taken(NOON - 10_000));
    const found = decide(world, NOON).status;
    expect(found?.phase).toBe("Failed");
    expect(found?.conditions.find(({ type }) => type === "Stalled")).toMatchObject({ reason: "Reconfigured", message: "it failed, and its configuration changed since" });
    expect(found?.conditions.find(({ type }) => type === "Reconciling")).toMatchObject({ status: "True", reason: "GatewayUnhealthy" });
  });
});
