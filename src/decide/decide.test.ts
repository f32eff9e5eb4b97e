import { describe, expect, test } from "vitest";
import type { AgentAction, RestartAction } from "./action.ts";
import { decide } from "./decide.ts";
import { agentWorld, DECLARED, DEPLOYMENT, gateway, NEW, NEWER, NOON, OLD, permit, pod, POLICY, restarted, SECRET, status } from "./testing/worlds.ts";
import type { AgentWorld, DeploymentFacts } from "./world.ts";

const types = (world: AgentWorld, now = NOON) => decide(world, now).actions.map(({ type }) => type);
const restartOf = (world: AgentWorld, now = NOON) => decide(world, now).actions.find((action): action is RestartAction => action.type === "restart");
const conditionOf = (world: AgentWorld, type: string, now = NOON) => decide(world, now).status?.conditions.find((condition) => condition.type === type);
const replaced = (changes: Partial<AgentWorld>) => decide(agentWorld({ previous: status(), ...changes }), NOON).status?.restarts.map(({ cause }) => cause);
const { deployment: _, ...unmade } = agentWorld({ pods: [], state: { claim: "absent", needsRecord: true } });
const crashing = pod({ isReady: false, restarts: 3, digest: NEWER.digest, openclawVersion: "2026.9.6", waiting: { reason: "CrashLoopBackOff" } });
const iso = (at: number) => new Date(at).toISOString();
const unsettled = [{ key: "Service/clovis", why: "missing", wasApplied: false }] as const;

describe("an agent that is well", () => {
  const world = agentWorld({ previous: status() });

  test("gets no action and no wake", () => {
    expect(decide(world, NOON)).toMatchObject({ actions: [], status: { phase: "Ready" } });
    expect(decide(world, NOON).wakeAt).toBeUndefined();
  });

  test("has a status that does not change by itself", () => {
    const first = decide(world, NOON).status;
    const second = decide({ ...world, ...(first && { previous: first }), gateway: gateway({ checkedAt: NOON + 50_000, activity: "busy", depth: "light" }) }, NOON + 60_000).status;
    expect(second).toEqual(first);
  });

  test("is not asked again because the engine began anew", () => {
    const { gateway: __, ...forgotten } = world;
    expect(decide(forgotten, NOON)).toMatchObject({ actions: [], status: { phase: "Ready" } });
  });

  test("says so in the way of kstatus", () => {
    const found = Object.fromEntries(decide(world, NOON).status?.conditions.map(({ type, status: is }) => [type, is]) ?? []);
    expect(found).toEqual({ Ready: "True", ImageCurrent: "True", ConfigCurrent: "True", SecretsCurrent: "True", Reconciling: "False", Stalled: "False" });
  });
});

describe("the sync on record", () => {
  const changed = NOON - 600_000;
  const shown = (refreshedAt: number, previous?: AgentWorld["previous"]) =>
    decide(agentWorld({ secret: { ...SECRET, changedAt: changed, sync: { isSynced: true, reason: "SecretSynced", refreshedAt } }, ...(previous && { previous }) }), NOON).status?.secrets.refreshedAt;
  const seen = status({ secrets: { isProven: true, refreshedAt: iso(changed + 1_000), secretChangedAt: iso(changed) } });

  test.each([
    ["is the one that wrote the Secret", 1_000, 1_000],
    ["is told by the Secret where a later one is on record by now", 540_000, 0],
    ["is told by the Secret where an earlier one is on record still", -60_000, 0],
  ])("%s", (_name, refreshedAfter, shownAfter) => {
    expect(shown(changed + refreshedAfter)).toBe(iso(changed + shownAfter));
  });

  test("stays what it was while the Secret does", () => {
    expect(shown(changed + 540_000, seen)).toBe(iso(changed + 1_000));
  });
});

describe("a first start", () => {
  test.each<[string, Partial<AgentWorld>, readonly AgentAction["type"][], string]>([
    ["makes everything at once", { unsettled }, ["apply", "create"], "Starting"],
    ["waits for its Secret", { unsettled, secret: { exists: false, missingKeys: ["A"] } }, ["apply"], "Starting"],
    ["is held by a missing key", { secret: { ...SECRET, missingKeys: ["A"] } }, [], "Pending"],
    ["is held by a Secret that cannot be synced", { secret: { exists: false, missingKeys: [], sync: { isSynced: false, reason: "SecretSyncedError" } } }, [], "Pending"],
    ["is held by a state that is newer", { state: { claim: "bound", needsRecord: false, openclawVersion: "2026.9.6" } }, [], "Pending"],
    ["does nothing while suspended", { unsettled, declared: { ...DECLARED, suspended: "ana" } }, [], "Suspended"],
  ])("%s", (_name, changes, actions, phase) => {
    const decision = decide({ ...unmade, ...changes }, NOON);
    expect(decision.actions.map(({ type }) => type)).toEqual(actions);
    expect(decision.status?.phase).toBe(phase);
  });

  test("tells that its Secret does not come, once that has lasted", () => {
    const world = { ...unmade, secret: { exists: false, missingKeys: [] } };
    const first = decide(world, NOON);
    expect(first).toMatchObject({ status: { phase: "Starting" }, wakeAt: NOON + 30_000 });
    const later = decide({ ...world, ...(first.status && { previous: first.status }) }, NOON + 30_000);
    expect(later.status?.conditions[0]).toMatchObject({ type: "Ready", status: "False", reason: "SecretNotSynced" });
  });

  test("has the same status from its creation until it is Ready", () => {
    const created = decide({ ...unmade, unsettled }, NOON).status;
    const steps: Partial<AgentWorld>[] = [
      { secret: { ...SECRET, changedAt: NOON } },
      { deployment: { ...DEPLOYMENT, isObserved: false }, pods: [] },
      { deployment: DEPLOYMENT, pods: [pod({ createdAt: NOON + 1_000, isReady: false, readyChangedAt: NOON + 1_000, startedAt: NOON + 2_000 })] },
      { deployment: DEPLOYMENT, pods: [pod({ createdAt: NOON + 1_000, isReady: true, readyChangedAt: NOON + 20_000, startedAt: NOON + 2_000 })] },
    ];
    for (const step of steps) {
      const { gateway: __, ...world } = { ...unmade, ...step };
      const now = decide({ ...world, ...(created && { previous: created }) }, NOON + 21_000).status;
      expect(now).toEqual(created);
    }
  });
});

describe("a permit", () => {
  const requested = { declared: { ...DECLARED, restartRequest: { id: "r1", by: "ana", at: NOON - 5_000 } }, permit: permit(), previous: status() };

  test("is acted on when the gateway is idle, with the version that was decided on", () => {
    expect(restartOf(agentWorld(requested))).toMatchObject({ resourceVersion: "7", id: "p1", cause: "Requested", detail: "asked for by ana", image: OLD });
  });

  test("names what changed once: of a further cause also which one that is", () => {
    const deployment = { ...DEPLOYMENT, pending: { need: "Drift" as const, paths: ["spec.template.spec.hostname"] } };
    expect(restartOf(agentWorld({ deployment, permit: permit({ cause: "Drift" }) }))).toMatchObject({ detail: "spec.template.spec.hostname" });
    expect(restartOf(agentWorld({ ...requested, deployment, permit: permit({ also: ["Drift"] }) }))).toMatchObject({ detail: "asked for by ana; drift: spec.template.spec.hostname" });
  });

  test.each<[string, Partial<AgentWorld>]>([
    ["asks first", { gateway: gateway({ checkedAt: NOON - 20_000 }) }],
    ["waits while it is busy", { gateway: gateway({ activity: "busy" }) }],
    ["waits out a freeze", { policy: { ...POLICY, freezes: [{ from: NOON - 1, to: NOON + 1_000_000, reason: "year end" }] } }],
    ["is not acted on after it was taken back", { permit: permit({ withdrawnAt: NOON - 1 }) }],
    ["beyond the budget is not acted on for an agent that is up", { permit: permit({ isExtra: true }) }],
    ["is not acted on while a key is missing", { secret: { ...SECRET, missingKeys: ["A"] } }],
    ["is not acted on when nothing needs it", { declared: DECLARED }],
    ["to an older OpenClaw is not acted on", { state: { claim: "bound", needsRecord: false, openclawVersion: "2026.9.6" } }],
    ["to an older OpenClaw than a pod has run is not acted on, though it never was Ready", { pods: [crashing] }],
  ])("%s", (_name, changes) => {
    expect(restartOf(agentWorld({ ...requested, ...changes }))).toBeUndefined();
  });

  test("waits for a quiet moment no longer than that, and says until when", () => {
    const busy = agentWorld({ ...requested, gateway: gateway({ activity: "busy" }) });
    expect(decide(busy, NOON)).toMatchObject({ status: { phase: "WaitingForQuiet" } });
    expect(conditionOf(busy, "Reconciling")?.message).toBe("it waits for a quiet moment until 12:10 UTC");
    expect(restartOf(busy, NOON + 600_000)).toBeDefined();
  });

  test("goes where nobody can tell whether it is busy: the drain waits for running turns", () => {
    expect(restartOf(agentWorld({ ...requested, gateway: gateway({ activity: "unknown" }) }))).toBeDefined();
  });

  test("for a new image does not guess which OpenClaw an image has that never was Ready", () => {
    const byHand = { ...DEPLOYMENT, pinnedDigest: NEWER.digest };
    const world = agentWorld({ deployment: byHand, pods: [pod({ digest: NEWER.digest, isReady: false })], target: NEW, permit: permit({ cause: "Image", image: NEW, attempt: 1 }), previous: status() });
    expect(restartOf(world)?.previous).toEqual({ digest: NEWER.digest });
  });

  test("for a new image records the one to go back to", () => {
    const world = agentWorld({ target: NEW, permit: permit({ cause: "Image", image: NEW, attempt: 1 }), previous: status() });
    expect(restartOf(world)).toMatchObject({ cause: "Image", image: NEW, previous: OLD });
  });
});

describe("secrets", () => {
  const ADOPTED: DeploymentFacts = { resourceVersion: "7", isObserved: true, replicas: 1 };
  const adopted = (adoptedSecretDigest?: string, startedAt = NOON - 3_600_000): Partial<AgentWorld> => {
    const { secretDigest: _none, ...plain } = pod({ startedAt });
    return { deployment: { ...ADOPTED, ...(adoptedSecretDigest !== undefined && { adoptedSecretDigest }) }, pods: [plain] };
  };
  const stale = { deployment: { ...DEPLOYMENT, secretDigest: "hmac-0" }, secret: { ...SECRET, changedAt: NOON - 4_000 }, previous: status() };

  test.each<[string, Partial<AgentWorld>, string, string]>([
    ["a change restarts", {}, "False", "RestartPending"],
    ["a change only tells where that is declared", { declared: { ...DECLARED, onSecretChange: "notify" } }, "False", "RestartDue"],
    ["a process that began later has it", { pods: [pod({ startedAt: NOON - 1_000 })] }, "True", "Current"],
    ["a template of the plain way says nothing", adopted(), "Unknown", "NotRecorded"],
    ["a process of the plain way that began after the last change has it", adopted("hmac-0", NOON), "True", "Current"],
    ["a change since it was adopted restarts", adopted("hmac-0"), "False", "RestartPending"],
    ["a process of the plain way may lack a change from before it was adopted", adopted("hmac-1"), "Unknown", "NotRecorded"],
    ["what External Secrets says is told", { deployment: DEPLOYMENT, secret: { ...SECRET, sync: { isSynced: false, reason: "SecretSyncedError", message: "Vault is sealed" } } }, "False", "SyncFailed"],
    ["missing keys are told", { secret: { ...SECRET, missingKeys: ["GITHUB_TOKEN"] } }, "False", "MissingKeys"],
  ])("%s", (_name, changes, is, reason) => {
    expect(conditionOf(agentWorld({ ...stale, ...changes }), "SecretsCurrent")).toMatchObject({ status: is, reason });
    expect(conditionOf(agentWorld({ ...stale, ...changes }), "Ready")).toMatchObject({ status: "True" });
  });

  test("a change waits for further ones", () => {
    expect(decide(agentWorld(stale), NOON).wakeAt).toBe(NOON + 6_000);
  });
});

describe("a new image", () => {
  const up = { isReady: true, readyChangedAt: NOON - 60_000 };
  const trial = status({ phase: "Baking", seen: { podUid: "pod-2", containerRestarts: 0, restart: "p1 Image" }, since: NOON - 60_000 });

  test.each<[string, AgentWorld, string]>([
    ["drains", { ...restarted("Image", 0), pods: [pod({ isTerminating: true, isCurrent: false, isReady: false })] }, "Draining"],
    ["starts", restarted("Image", 20_000), "Starting"],
    ["is checked", restarted("Image", 80_000, { podChanges: up, gateway: gateway() }), "Checking"],
    ["bakes", restarted("Image", 80_000, { podChanges: up, gateway: gateway({ podUid: "pod-2" }), previous: trial }), "Baking"],
    ["is settled", restarted("Image", 200_000, { podChanges: { isReady: true, readyChangedAt: NOON - 130_000 }, previous: status({ phase: "Baking", seen: { podUid: "pod-2", containerRestarts: 0 }, since: NOON - 130_000 }) }), "Ready"],
    ["that no node takes is no fault of the image", restarted("Image", 900_000, { podChanges: { unschedulable: "0/1 nodes are available" } }), "Starting"],
  ])("%s", (_name, world, phase) => {
    expect(decide(world, NOON).status?.phase).toBe(phase);
    expect(restartOf(world)).toBeUndefined();
  });

  test.each<[string, AgentWorld, RegExp]>([
    ["crashes", restarted("Image", 100_000, { podChanges: { restarts: 3, ended: { reason: "Error", exitCode: 1, message: "boom" } } }), /ends again and again: exit code 1: boom/],
    ["cannot start at all", restarted("Image", 30_000, { podChanges: { restarts: 1, waiting: { reason: "CrashLoopBackOff" }, ended: { reason: "Error", exitCode: 78 } } }), /exit code 78/],
    ["cannot be pulled", restarted("Image", 130_000, { podChanges: { waiting: { reason: "ImagePullBackOff", message: "not found" } } }), /cannot be pulled: not found/],
    ["does not become Ready", restarted("Image", 241_000), /did not become Ready in time/],
    ["does not answer for its models", restarted("Image", 100_000, { podChanges: { ...up, readyChangedAt: NOON - 61_000 }, gateway: gateway({ podUid: "pod-2", state: "unhealthy", problems: ["no credentials"] }) }), /its gateway says: no credentials/],
    ["ends in the bake", restarted("Image", 100_000, { podChanges: { ...up, restarts: 1, ended: { reason: "OOMKilled", exitCode: 137 } }, previous: trial }), /ended after it had been Ready: exit code 137 \(OOMKilled\)/],
    ["is lost in the bake", restarted("Image", 200_000, { podChanges: { isReady: false, readyChangedAt: NOON - 61_000 }, previous: trial }), /was Ready and is not any more/],
  ])("that %s is taken back", (_name, world, words) => {
    const action = restartOf(world);
    expect(action).toMatchObject({ cause: "Rollback", id: "p1", image: OLD, failed: { digest: NEW.digest, attempt: 1 } });
    expect(action?.detail).toMatch(words);
  });

  test("with a newer OpenClaw that may have migrated the state is held, in words", () => {
    const world = restarted("Image", 300_000);
    const newer = { ...world, target: NEWER, permit: permit({ cause: "Image", image: NEWER, attempt: 1 }), deployment: { ...DEPLOYMENT, ...world.deployment, pinnedDigest: NEWER.digest } };
    expect(restartOf(newer)).toBeUndefined();
    expect(conditionOf(newer, "Stalled")).toMatchObject({ status: "True", reason: "StateNewer" });
    const { startedAt: __, ...unstarted } = pod({ uid: "pod-2", createdAt: NOON - 300_000, isReady: false, readyChangedAt: NOON - 300_000 });
    const unpulled = { ...newer, pods: [{ ...unstarted, waiting: { reason: "ErrImagePull" } }] };
    expect(restartOf(unpulled)).toMatchObject({ cause: "Rollback" });
  });

  test("that ran, and whose next pod cannot be pulled, is not taken back to one of which nobody knows its OpenClaw", () => {
    const { startedAt: __, ...unstarted } = pod({ uid: "pod-3", createdAt: NOON - 300_000, isReady: false, readyChangedAt: NOON - 300_000, waiting: { reason: "ErrImagePull" } });
    const world = restarted("Image", 900_000, { pods: [unstarted] });
    const unknown = { ...world, deployment: { ...DEPLOYMENT, ...world.deployment, previous: { digest: OLD.digest } } };
    expect(restartOf(unknown)).toBeUndefined();
    expect(conditionOf(unknown, "Stalled")).toMatchObject({ status: "True", reason: "StateNewer" });
    expect(restartOf({ ...unknown, state: { claim: "bound", needsRecord: false } }), "nothing of it ever ran").toMatchObject({ cause: "Rollback" });
  });

  test("that failed stays failed until it is taken back, though its container came back", () => {
    const failed = restarted("Image", 100_000, { podChanges: { ...up, restarts: 1 }, previous: status({ phase: "Failed", ready: "False", seen: { podUid: "pod-2", containerRestarts: 1 } }) });
    expect(restartOf(failed)).toMatchObject({ cause: "Rollback" });
  });

  test("is not to blame for a key that is missing", () => {
    const world = restarted("Image", 300_000, { podChanges: { restarts: 4 }, secret: { ...SECRET, missingKeys: ["A"] } });
    expect(restartOf(world)).toBeUndefined();
    expect(conditionOf(world, "Ready")).toMatchObject({ status: "False", reason: "MissingKeys" });
  });

  test("that failed is taken back in a freeze, but not while suspended", () => {
    const freezes = [{ from: NOON - 1, to: NOON + 1, reason: "year end" }];
    expect(restartOf(restarted("Image", 241_000, { policy: { ...POLICY, freezes } }))).toBeDefined();
    expect(restartOf(restarted("Image", 241_000, { policy: { ...POLICY, suspended: "by ana" } })), "planned, but not done").toBeUndefined();
  });

  test("cannot be judged by a gateway that cannot be asked", () => {
    const unknown = restarted("Image", 400_000, { podChanges: { isReady: true, readyChangedAt: NOON - 300_000 }, gateway: gateway({ podUid: "pod-2", state: "unknown" }) });
    expect(decide(unknown, NOON).status?.phase).toBe("Checking");
  });
});

test("what the gateway of an earlier process said does not count for the one that runs, whatever the clocks say", () => {
  const again = pod({ restarts: 1, startedAt: NOON - 10_000, readyChangedAt: NOON - 5_000 });
  for (const state of ["healthy", "unknown"] as const) {
    const world = agentWorld({ pods: [again], gateway: gateway({ restarts: 0, state, checkedAt: NOON + 300_000 }) });
    expect(decide(world, NOON + 300_000)).toMatchObject({ status: { phase: "Checking" }, actions: [{ type: "check-gateway", depth: "full" }] });
    const asked = agentWorld({ pods: [again], gateway: gateway({ restarts: 1 }) });
    expect(decide(asked, NOON).status?.phase).toBe("Ready");
  }
});

test("a gateway that could not be asked is asked on: its agent counts as Ready, but not as found healthy", () => {
  const again = pod({ uid: "pod-2", readyChangedAt: NOON - 120_000 });
  const unknown = gateway({ podUid: "pod-2", state: "unknown" });
  expect(decide(agentWorld({ pods: [again], gateway: { ...unknown, checkedAt: NOON - 130_000 } }), NOON).status?.phase, "asked before it was Ready").toBe("Checking");
  const settled = decide(agentWorld({ pods: [again], gateway: unknown }), NOON);
  expect(settled).toMatchObject({ status: { phase: "Ready" }, wakeAt: NOON + 59_000 });
  const { status: previous } = settled;
  expect(previous?.conditions[0]).toMatchObject({ status: "True", reason: "PodReady" });
  const later = agentWorld({ pods: [again], ...(previous && { previous }), gateway: gateway({ podUid: "pod-2", state: "unhealthy", problems: ["no credentials"], checkedAt: NOON + 60_000 }) });
  expect(conditionOf(later, "Ready", NOON + 61_000)).toMatchObject({ status: "False", reason: "GatewayUnhealthy" });
  const { gateway: __, ...forgotten } = later;
  expect(types(forgotten, NOON + 61_000)).toEqual(["check-gateway"]);
  expect(conditionOf(forgotten, "Ready", NOON + 61_000), "no flapping because the engine began anew").toMatchObject({ status: "True", reason: "PodReady" });
});

test("a failure of another cause stays, with the cluster's own words", () => {
  const world = restarted("Template", 241_000, { podChanges: { ended: { reason: "Error", exitCode: 1, message: "bad flag" } } });
  expect(restartOf(world)).toBeUndefined();
  expect(conditionOf(world, "Stalled")).toMatchObject({ status: "True", reason: "NotReady", message: "its pod did not become Ready in time: exit code 1: bad flag" });
});

describe("an agent that failed, as kstatus reads it", () => {
  const fixed = { deployment: { ...DEPLOYMENT, pending: { need: "Template", paths: ["spec.env"] } } } as const;
  const down = { pods: [pod({ isReady: false, restarts: 3, waiting: { reason: "CrashLoopBackOff" } })], previous: status({ ready: "False", phase: "Failed" }) };
  const newerState = { state: { claim: "bound", needsRecord: false, openclawVersion: "2026.9.9" } } as const;

  test.each<[string, AgentWorld, "True" | "False", string]>([
    ["stays Stalled while nothing changes", agentWorld(down), "True", "Stalled"],
    ["stays so where only other objects changed", agentWorld({ ...down, unsettled }), "True", "Stalled"],
    ["is to be restarted for what Git changed, by a leave that is still to come", agentWorld({ ...down, ...fixed }), "False", "RestartPending"],
    ["is restarted for it", agentWorld({ ...down, ...fixed, permit: permit({ cause: "Template" }) }), "False", "RestartPending"],
    ["is restarted for another image", agentWorld({ ...down, target: NEW, permit: permit({ cause: "Image", image: NEW }) }), "False", "RestartPending"],
    ["is to be restarted because a person asked", agentWorld({ ...down, declared: { ...DECLARED, restartRequest: { id: "r1", by: "ana", at: NOON } } }), "False", "RestartPending"],
    ["stays Stalled where no restart may come", agentWorld({ ...down, ...fixed, ...newerState }), "True", "Stalled"],
    ["stays Stalled until it goes back to its image", restarted("Image", 241_000), "True", "NotReady"],
  ])("%s", (_name, world, stalled, reconciling) => {
    expect(decide(world, NOON).status?.phase).toBe("Failed");
    expect(conditionOf(world, "Stalled")?.status).toBe(stalled);
    expect(conditionOf(world, "Reconciling")).toMatchObject({ status: reconciling === "Stalled" ? "False" : "True", reason: reconciling });
  });
});

describe("what others did", () => {
  test.each<[string, Partial<AgentWorld>, readonly AgentAction["type"][]]>([
    ["drift is put back and told", { unsettled: [{ key: "Service/clovis", why: "drift", wasApplied: true }] }, ["apply", "announce"]],
    ["a deleted Service returns and is told", { unsettled: [{ key: "Service/clovis", why: "missing", wasApplied: true }] }, ["apply", "announce"]],
    ["a change in Git is applied", { unsettled: [{ key: "Service/clovis", why: "declared", wasApplied: true }] }, ["apply"]],
    ["an agent scaled to zero comes back", { deployment: { ...DEPLOYMENT, replicas: 0 }, pods: [] }, ["scale-up", "announce"]],
    ["a deleted Deployment is made again", { deployment: undefined, pods: [] } as never, ["create"]],
    ["a state without record gets one", { state: { claim: "bound", needsRecord: true } }, ["record-state"]],
    ["a template of the plain way is left alone", { deployment: { resourceVersion: "7", isObserved: true, replicas: 1 } }, []],
  ])("%s", (_name, changes, actions) => {
    expect(types(agentWorld({ previous: status(), ...changes }))).toEqual(actions);
  });

  test("an agent that is gone from Git is removed, unless the fleet is suspended", () => {
    const { declared: __, ...gone } = agentWorld();
    expect(decide(gone, NOON)).toEqual({ actions: [{ type: "remove" }] });
    expect(types({ ...gone, policy: { ...POLICY, suspended: "by ana" } })).toEqual([]);
  });
});

describe("a Deployment that is made anew", () => {
  const request = { id: "r1", by: "ana", at: NOON - 5_000 };
  const { deployment: __, ...gone } = agentWorld({ pods: [], previous: status() });
  const made = (changes: Partial<AgentWorld>) => decide({ ...gone, ...changes }, NOON).actions.find(({ type }) => type === "create");

  test.each<[string, Partial<AgentWorld>, object | undefined]>([
    ["serves nobody where nobody waits", {}, undefined],
    ["serves the permit that is held, though it was acted on before", { permit: permit() }, { id: "p1", detail: "made anew: its Deployment was deleted" }],
    ["serves the request that stands, though the status is lost", { declared: { ...DECLARED, restartRequest: request } }, { id: "r1", request: "r1" }],
    ["serves both", { permit: permit({ cause: "Secret" }), declared: { ...DECLARED, restartRequest: request } }, { id: "p1", request: "r1" }],
  ])("%s", (_name, changes, serves) => {
    const action = made(changes);
    expect(action && "serves" in action ? action.serves : undefined).toEqual(serves && expect.objectContaining(serves));
  });

  test.each<[string, Partial<AgentWorld>]>([
    ["permit", { permit: permit(), deployment: { ...DEPLOYMENT, restart: { id: "p1", cause: "Created", at: NOON } } }],
    ["request, whatever the clocks say", { permit: permit(), deployment: { ...DEPLOYMENT, restart: { id: "p0", cause: "Created", at: NOON - 3_600_000, request: "r1" } } }],
  ])("is not restarted once more for the %s that it served", (_name, changes) => {
    expect(restartOf(agentWorld({ declared: { ...DECLARED, restartRequest: request }, ...changes }))).toBeUndefined();
  });
});

describe("a person's request", () => {
  const declared = { ...DECLARED, restartRequest: { id: "r2", by: "ana", at: NOON - 5_000 } };
  const before = status({ acknowledgedOperation: "r1" });
  const lack = { secret: { ...SECRET, missingKeys: ["A"] } };

  test.each<[string, AgentWorld, readonly [acknowledged: string | undefined, pending: string | undefined]]>([
    ["that nobody made is not spoken of", agentWorld({ previous: before }), ["r1", undefined]],
    ["that was just seen is pending", agentWorld({ declared, previous: before }), ["r1", "r2"]],
    ["that waits for a key is pending", agentWorld({ declared, previous: before, ...lack }), ["r1", "r2"]],
    ["of an agent that was given up is pending", agentWorld({ declared, previous: before, ...lack, pods: [{ ...crashing, digest: OLD.digest }] }), ["r1", "r2"]],
    ["of an agent that is not made yet for want of a key is pending", { ...unmade, declared, ...lack }, [undefined, "r2"]],
    ["that a restart has served is acknowledged", agentWorld({ declared, previous: before, deployment: { ...DEPLOYMENT, restart: { id: "p1", cause: "Requested", at: NOON, request: "r2" } } }), ["r2", undefined]],
  ])("%s", (_name, world, [acknowledged, pending]) => {
    const said = decide(world, NOON).status;
    expect([said?.acknowledgedOperation, said?.pendingOperation]).toEqual([acknowledged, pending]);
  });
});

test("any restart serves the request that stands, and says so", () => {
  const declared = { ...DECLARED, restartRequest: { id: "r1", by: "ana", at: NOON - 5_000 } };
  const world = agentWorld({ declared, target: NEW, permit: permit({ cause: "Image", image: NEW, attempt: 1 }), previous: status() });
  expect(restartOf(world)).toMatchObject({ id: "p1", cause: "Image", request: "r1" });
});

test("an image that is older than what ran on the agent's state is told, not only waited for", () => {
  const world = agentWorld({ pods: [crashing], deployment: { ...DEPLOYMENT, pinnedDigest: NEWER.digest }, previous: status() });
  expect(conditionOf(world, "ImageCurrent")).toMatchObject({ status: "False", reason: "StateNewer" });
  expect(conditionOf(world, "ImageCurrent")?.message).toMatch(/OpenClaw 2026\.9\.2 .* is older than 2026\.9\.6/);
});

describe("hot keys that changed", () => {
  const writtenAt = NOON - 60_000;
  const young = pod({ startedAt: writtenAt + 30_000, restarts: 1 });

  test.each<[string, Partial<AgentWorld>, boolean]>([
    ["are brought to a process that may have begun before", { pods: [young] }, true],
    ["are brought to one that began long before, and whose gateway never got them", {}, true],
    ["are with a process whose gateway got them", { pods: [young], hotKeys: { writtenAt, takenBy: "pod-1/1" } }, false],
    ["are brought to the process after that one", { pods: [young], hotKeys: { writtenAt, takenBy: "pod-1/0" } }, true],
    ["are with a process that began long after", { pods: [young], hotKeys: { writtenAt: NOON - 3_600_000 } }, false],
    ["wait for a process that does not serve yet", { pods: [{ ...young, isReady: false, readyChangedAt: NOON - 30_000 }] }, false],
    ["wait for a gateway that cannot be asked", { pods: [young], gateway: gateway({ state: "unknown" }) }, false],
    ["are not touched while the agent is suspended", { pods: [young], declared: { ...DECLARED, suspended: "by ana" } }, false],
  ])("%s", (_name, changes, isBrought) => {
    const { actions } = decide(agentWorld({ hotKeys: { writtenAt }, previous: status(), ...changes }), NOON);
    expect(actions.filter(({ type }) => type === "configure")).toEqual(isBrought ? [{ type: "configure", throughGateway: true }] : []);
  });

  test("and wait for the gateway are not called current", () => {
    const world = agentWorld({ hotKeys: { writtenAt }, pods: [young], gateway: gateway({ state: "unknown" }), previous: status({ seen: { podUid: "pod-1", containerRestarts: 1 } }) });
    expect(conditionOf(world, "ConfigCurrent")).toMatchObject({ status: "False", reason: "GatewayUnreachable" });
  });
});

describe("configuration", () => {
  const slow = pod({ isReady: false, readyChangedAt: NOON - 3_600_000 });
  const { startedAt: __, ...unstarted } = slow;

  test("of an agent that was given up is looked at below", () => {
    expect(decide(agentWorld({ pods: [slow], previous: status() }), NOON).status?.phase).toBe("Failed");
  });

  test.each<[string, Partial<AgentWorld>, boolean | undefined]>([
    ["hot keys go through the gateway", {}, true],
    ["keys that need a restart go into the ConfigMap", { configuration: { hasHotKeys: false } }, false],
    ["hot keys wait for a gateway that cannot be asked", { gateway: gateway({ state: "unknown" }) }, undefined],
    ["hot keys wait for the process of an agent that was given up: it may come up after all", { pods: [slow] }, undefined],
    ["an agent that crashes again and again reads them at its next start", { pods: [{ ...unstarted, ended: { reason: "Error", exitCode: 1 }, restarts: 5 }] }, false],
    ["where no process runs the next one reads them", { pods: [], deployment: { ...DEPLOYMENT, isObserved: false } }, false],
  ])("%s", (_name, changes, throughGateway) => {
    const found = decide(agentWorld({ configuration: { hasHotKeys: true }, previous: status(), ...changes }), NOON).actions.find(({ type }) => type === "configure");
    expect(found && "throughGateway" in found ? found.throughGateway : undefined).toBe(throughGateway);
  });
});

describe("the record of restarts", () => {
  const next = pod({ uid: "pod-2", startedAt: NOON - 10_000 });

  test.each<[string, Partial<AgentWorld>, readonly string[]]>([
    ["nothing happened", {}, []],
    ["a restart on purpose", { pods: [next], deployment: { ...DEPLOYMENT, restart: { id: "p9", cause: "Secret", at: NOON - 60_000 } } }, ["Secret"]],
    ["kubectl rollout restart", { pods: [{ ...next, restartedAt: "2026-11-23T11:59:00Z" }] }, ["Manual"]],
    ["a pod that was deleted", { pods: [next] }, ["PodReplaced"]],
    ["a crash", { pods: [pod({ restarts: 1, ended: { reason: "OOMKilled", exitCode: 137 } })] }, ["ContainerExit"]],
    ["a deleted pod whose successor crashed", { pods: [{ ...next, restarts: 2 }] }, ["PodReplaced", "ContainerExit"]],
  ])("%s", (_name, changes, causes) => {
    expect(replaced(changes)).toEqual(causes);
  });

  test("begins anew with the newest restart on purpose after the status was lost", () => {
    const world = agentWorld({ deployment: { ...DEPLOYMENT, restart: { id: "p9", cause: "Secret", at: NOON - 60_000, detail: "secret changed" } } });
    expect(decide(world, NOON).status?.restarts).toEqual([{ at: "2026-11-23T11:59:00.000Z", cause: "Secret", detail: "secret changed" }]);
    expect(decide(agentWorld(), NOON).status?.restarts).toEqual([]);
  });

  test("keeps ten", () => {
    const restarts = Array.from({ length: 10 }, (__, index) => ({ at: new Date(NOON - 100_000 + index).toISOString(), cause: "Manual" as const, detail: "" }));
    expect(replaced({ pods: [next], previous: status({ restarts }) })).toEqual([...Array.from({ length: 9 }, () => "Manual"), "PodReplaced"]);
  });
});
