import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FleetAction } from "./action.ts";
import { admit } from "./admit.ts";
import { decide } from "./decide.ts";
import type { FleetOperation, FleetWorld } from "./fleet-world.ts";
import { agentWorld, DECLARED, DEPLOYMENT, fleetWorld, NEW, NEWER, NOON, OLD, permit, pod, POLICY, restarted, revision, SECRET, status } from "./testing/worlds.ts";
import type { AgentWorld, ImageTarget } from "./world.ts";

const NAMES = ["ana", "bia", "caio", "davi"] as const;
const THIRD: ImageTarget = { ...NEW, digest: `sha256:${"d".repeat(64)}` };
const requested = { declared: { ...DECLARED, restartRequest: { id: "r1", by: "ana", at: NOON - 5_000 } } };
const down = { pods: [pod({ isReady: false, startedAt: NOON - 20_000, readyChangedAt: NOON - 20_000 })] };
const on = (image: ImageTarget) => ({ deployment: { ...DEPLOYMENT, pinnedDigest: image.digest }, pods: [pod({ digest: image.digest })] });
const crashingOn = (openclawVersion: string): Partial<AgentWorld> => ({
  deployment: { resourceVersion: "7", isObserved: true, replicas: 1 },
  pods: [pod({ isReady: false, restarts: 3, digest: NEWER.digest, openclawVersion, waiting: { reason: "CrashLoopBackOff" }, ended: { reason: "Error", exitCode: 1 } })],
  state: { claim: "bound", needsRecord: true },
});
const fleet = (changes: Partial<AgentWorld>, names: readonly string[] = NAMES) => names.map((name) => agentWorld({ name, previous: status(), ...changes }));
const rolling = (agents: readonly AgentWorld[], changes: Partial<FleetWorld> = {}) => fleetWorld(agents, { revisions: [revision(OLD, 1), revision(NEW, 2)], ...changes });

function actionOf<T extends FleetAction["type"]>(world: FleetWorld, type: T, now = NOON): Extract<FleetAction, { type: T }> | undefined {
  return admit(world, now).actions.find((action): action is Extract<FleetAction, { type: T }> => action.type === type);
}

const ledgerOf = (world: FleetWorld, now = NOON) => {
  const write = actionOf(world, "write-ledger", now);
  return write && Object.fromEntries([...write.permits].map(([name, { cause, withdrawnAt }]) => [name, withdrawnAt === undefined ? cause : "withdrawn"]));
};

const told = (world: FleetWorld) => actionOf(world, "announce");

const isUp = ({ pods }: AgentWorld) => pods.some(({ isReady, isTerminating }) => isReady && !isTerminating);
const grantsOf = (world: FleetWorld) => [...(actionOf(world, "write-ledger")?.permits ?? [])].filter(([name, { id }]) => world.ledger.permits.get(name)?.id !== id);

test("looks again when an agent's stage may change by time alone, though it holds no permit", () => {
  const slow = fleetWorld(fleet({ ...down, declared: { ...DECLARED, suspended: "ana" } }, ["ana"]));
  const { wakeAt = 0, status: before } = admit(slow, NOON);
  expect(before.conditions[0]).toMatchObject({ type: "Ready", status: "False", reason: "AgentsNotReady" });
  expect(wakeAt).toBeGreaterThan(NOON);
  const { conditions } = admit(slow, wakeAt).status;
  expect(conditions[0]).toMatchObject({ type: "Ready", status: "False", reason: "AgentsFailed", message: expect.stringMatching(/^ana: /) });
  expect(conditions.find(({ type }) => type === "Stalled"), "its agent is").toMatchObject({ status: "False" });
});

describe("permits", () => {
  test.each<[string, FleetWorld, Record<string, string> | undefined]>([
    ["a fleet that needs nothing gets none", fleetWorld(fleet({})), undefined],
    ["no more than may be disrupted", fleetWorld(fleet(requested)), { ana: "Requested" }],
    ["several in one write", fleetWorld(fleet(requested), { policy: { ...POLICY, maxDisrupted: 3 } }), { ana: "Requested", bia: "Requested", caio: "Requested" }],
    ["none while another is down", fleetWorld([...fleet(requested, ["ana"]), ...fleet(down, ["bia"])]), undefined],
    ["one that is down needs no room", fleetWorld([...fleet({ ...requested, ...down }, ["ana"]), ...fleet(down, ["bia"])]), { ana: "Requested" }],
    ["who was restarted longest ago goes first", fleetWorld([...fleet({ ...requested, deployment: { ...DEPLOYMENT, restart: { id: "p0", cause: "Secret", at: NOON - 9 } } }, ["ana"]), ...fleet(requested, ["bia"])]), { bia: "Requested" }],
    ["a freeze holds who is up", fleetWorld(fleet(requested), { policy: { ...POLICY, freezes: [{ from: 0, to: NOON + 1, reason: "" }] } }), undefined],
    ["in a freeze who is down may be mended", fleetWorld(fleet({ ...requested, ...down }, ["ana"]), { policy: { ...POLICY, freezes: [{ from: 0, to: NOON + 1, reason: "" }] } }), { ana: "Requested" }],
    ["a suspended fleet is left alone", fleetWorld(fleet(requested), { policy: { ...POLICY, suspended: "by ana" } }), undefined],
    ["a missing key holds", fleetWorld(fleet({ ...requested, secret: { ...SECRET, missingKeys: ["A"] } })), undefined],
    ["a settled agent gives its permit up, and the next has its turn", fleetWorld([restarted("Template", 60_000, { name: "ana", target: OLD, pods: [pod({ uid: "pod-2" })] }), ...fleet(requested, ["bia"])]), { bia: "Requested" }],
    ["a failed agent keeps it", fleetWorld([restarted("Template", 900_000, { name: "ana" }), ...fleet(requested, ["bia"])]), undefined],
    ["a failed agent gets another for what may mend it", fleetWorld([restarted("Template", 900_000, { name: "ana", ...requested })]), { ana: "Requested" }],
    ["what nobody needs any more is taken back", fleetWorld(fleet({ permit: permit() }, ["ana"])), { ana: "withdrawn" }],
    ["a permit that was taken back leaves later", fleetWorld(fleet({ permit: permit({ withdrawnAt: NOON - 29_999 }) }, ["ana"])), undefined],
    ["a permit that was taken back leaves", fleetWorld(fleet({ permit: permit({ withdrawnAt: NOON - 30_000 }) }, ["ana"])), {}],
  ])("%s", (_name, world, expected) => {
    expect(ledgerOf(world)).toEqual(expected);
  });

  test("are not granted for a cause that some agent did not survive", () => {
    const pending = { deployment: { ...DEPLOYMENT, pending: { need: "Configuration", paths: ["gateway.port"] } } } as const;
    const agents = [restarted("Configuration", 900_000, { name: "ana" }), ...fleet(pending, ["bia"]), ...fleet(requested, ["caio"])];
    expect(ledgerOf(fleetWorld(agents, { policy: { ...POLICY, maxDisrupted: 3 } }))).toEqual({ ana: "Configuration", caio: "Requested" });
  });

  test("that are not granted for that cause are not promised either to an agent that failed by itself", () => {
    const pending = { deployment: { ...DEPLOYMENT, pending: { need: "Configuration", paths: ["gateway.port"] } } } as const;
    const crashed = { ...pending, pods: [pod({ isReady: false, restarts: 3, waiting: { reason: "CrashLoopBackOff" } })], previous: status({ ready: "False", phase: "Failed" }) };
    const [bia] = fleet(crashed, ["bia"]);
    const agents = [restarted("Configuration", 900_000, { name: "ana" }), ...(bia ? [bia] : [])];
    expect(ledgerOf(fleetWorld(agents, { policy: { ...POLICY, maxDisrupted: 3 } })), "ana keeps hers, and nobody gets one").toBeUndefined();
    const found = (bia && decide(bia, NOON).status?.conditions) ?? [];
    expect(found.find(({ type }) => type === "Stalled")).toMatchObject({ status: "False", reason: "RestartPending", message: "it failed, and waits for another restart" });
    expect(found.find(({ type }) => type === "Reconciling")).toMatchObject({ status: "True", message: "it waits for a restart: Configuration" });
  });

  test("are granted for a cause after which only an agent fails that had been given up before", () => {
    const pending = { deployment: { ...DEPLOYMENT, pending: { need: "Configuration", paths: ["gateway.port"] } } } as const;
    const failed = restarted("Configuration", 900_000, { name: "ana" });
    const agents = [{ ...failed, permit: permit({ cause: "Configuration", isRemedy: true }) }, ...fleet(pending, ["bia"])];
    expect(ledgerOf(fleetWorld(agents, { policy: { ...POLICY, maxDisrupted: 3 } }))).toEqual({ ana: "Configuration", bia: "Configuration" });
    const granted = actionOf(fleetWorld([restarted("Template", 900_000, { name: "ana", ...requested })]), "write-ledger");
    expect(granted?.permits.get("ana")).toMatchObject({ cause: "Requested", isRemedy: true });
  });

  test("have an id that tells them from earlier ones", () => {
    const ids = [NOON, NOON + 1].flatMap((now) => [...(actionOf(fleetWorld(fleet(requested)), "write-ledger", now)?.permits.values() ?? [])].map(({ id }) => id));
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => id.startsWith("r1."))).toBe(true);
  });
});

describe("images", () => {
  test("what the tag means is recorded once, with a number above all others", () => {
    const world = fleetWorld(fleet({}), { channels: [{ tag: "latest", resolved: NEW }] });
    expect(actionOf(world, "record-revision")?.revision).toMatchObject({ digest: NEW.digest, channel: "latest", revision: 2, attempt: 1 });
    expect(admit(world, NOON).targets.get("latest")).toEqual(NEW);
    expect(actionOf(rolling(fleet({})), "record-revision")).toBeUndefined();
  });

  test.each<[string, Partial<FleetWorld>, ImageTarget, string]>([
    ["an image that can never start is not recorded", { channels: [{ tag: "latest", resolved: { ...NEW, problem: "it needs Node 24" } }] }, OLD, "Held"],
    ["a tag that moved back", { channels: [{ tag: "latest", resolved: OLD }], revisions: [revision(OLD, 1), revision(NEW, 2)] }, NEW, "Progressing"],
    ["what was undone is not taken up again", { channels: [{ tag: "latest", resolved: NEW }], revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "undone" })] }, OLD, "Held"],
    ["what failed halts, and new agents get the one before", { channels: [{ tag: "latest", resolved: NEW }], revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "failed" })] }, OLD, "Halted"],
  ])("%s", (_name, changes, target, phase) => {
    const { targets, status: found } = admit(fleetWorld(fleet({}), changes), NOON);
    expect(targets.get("latest")).toEqual(target);
    expect(found.rollouts[0]?.phase).toBe(phase);
  });

  test("a tag that moved back raises the older image", () => {
    const world = rolling(fleet(on(NEW)), { channels: [{ tag: "latest", resolved: OLD }] });
    expect(actionOf(world, "mark-revision")?.revision).toMatchObject({ digest: OLD.digest, revision: 3 });
  });

  const aborted = { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "aborted" })] };
  test("that are taken back from an agent that starts leave it what it came from as its way back", () => {
    const starting = restarted("Image", 20_000, { name: "ana" });
    const granted = actionOf(rolling([starting], aborted), "write-ledger")?.permits.get("ana");
    expect(granted).toMatchObject({ image: OLD, isExtra: true, isRemedy: true });
    const next = decide({ ...starting, target: OLD, ...(granted ? { permit: granted } : {}) }, NOON);
    const restart = next.actions.find(({ type }) => type === "restart");
    expect(restart).toMatchObject({ image: OLD });
    expect(restart).not.toHaveProperty("previous");
  });

  const canaries = { policy: { ...POLICY, canaries: ["davi"] } };
  test.each<[string, FleetWorld, Record<string, string> | undefined]>([
    ["begin with canaries", rolling(fleet({}), canaries), { davi: "Image" }],
    ["go on by name once those are done", rolling([...fleet({}, ["ana", "bia"]), ...fleet(on(NEW), ["davi"])], canaries), { ana: "Image" }],
    ["wait for the bake", rolling([...fleet({}, ["ana"]), restarted("Image", 80_000, { name: "davi", pods: [pod({ uid: "pod-2", digest: NEW.digest, readyChangedAt: NOON - 60_000 })] })], canaries), undefined],
    ["wait for a pause to end", rolling(fleet({}), { operation: { id: "o1", verb: "pause", by: "ana", at: NOON } }), undefined],
    ["wait for it though something else was asked for since", rolling(fleet({}), { operation: { id: "o2", verb: "refresh", by: "ana", at: NOON, paused: ["latest"] } }), undefined],
    ["leave out who cannot follow", rolling([...fleet({ secret: { ...SECRET, missingKeys: ["A"] } }, ["ana"]), ...fleet({}, ["bia"])]), { bia: "Image" }],
    ["leave pinned agents alone", rolling(fleet({ declared: { generation: 1, onSecretChange: "restart", pinned: OLD } })), undefined],
    ["move a pinned agent to its pin", fleetWorld(fleet({ declared: { generation: 1, onSecretChange: "restart", pinned: NEW } }, ["ana"])), { ana: "Image" }],
    ["are not tried again on who failed", rolling(fleet({ deployment: { ...DEPLOYMENT, failed: { digest: NEW.digest, attempt: 1 } } }, ["ana"]), { policy: { ...POLICY, failureBudget: 1 } }), undefined],
    ["are tried again when somebody starts them again", rolling(fleet({ deployment: { ...DEPLOYMENT, failed: { digest: NEW.digest, attempt: 1 } } }, ["ana"]), { revisions: [revision(OLD, 1), revision(NEW, 2, { attempt: 2 })] }), { ana: "Image" }],
    ["go back when they were undone", rolling(fleet(on(NEW), ["ana"]), { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "undone" })] }), { ana: "Image" }],
    [
      "go back past one that failed before, when the newest was aborted",
      rolling(fleet(on(THIRD), ["ana"]), { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "failed" }), revision(THIRD, 3, { rejected: "aborted" })] }),
      { ana: "Image" },
    ],
    ["go back at once from one that was aborted while the agent starts on it", rolling([restarted("Image", 20_000, { name: "ana" }), ...fleet({}, ["bia"])], aborted), { ana: "Image" }],
    ["wait for who starts on one that failed elsewhere", rolling([restarted("Image", 20_000, { name: "ana" })], { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "failed" })] }), undefined],
    ["do not go back to an older OpenClaw", rolling(fleet({ ...on(NEWER), state: { claim: "bound", needsRecord: false, openclawVersion: "2026.9.6" } }, ["ana"]), { revisions: [revision(OLD, 1), revision(NEWER, 2, { rejected: "undone" })] }), undefined],
    ["do not reach a plain agent that crashes on a newer OpenClaw", rolling(fleet(crashingOn("2026.9.6"), ["ana"])), undefined],
    ["reach a plain agent that crashes", rolling(fleet(crashingOn("2026.9.2"), ["ana"])), { ana: "Image" }],
  ])("%s", (_name, world, expected) => {
    expect(ledgerOf(world)).toEqual(expected);
  });

  test("are brought to the node before anything stops there", () => {
    const absent = rolling(fleet({}, ["ana"]), { nodeImages: new Map() });
    expect(admit(absent, NOON).actions).toEqual([{ type: "pre-pull", node: "bots-1", image: NEW }]);
    const pull = { node: "bots-1", digest: NEW.digest };
    expect(ledgerOf({ ...absent, prePulls: [{ ...pull, state: "pulling" }] })).toBeUndefined();
    expect(ledgerOf({ ...absent, prePulls: [{ ...pull, state: "done" }] })).toEqual({ ana: "Image" });
    const there = { ...absent, nodeImages: new Map([["bots-1", new Set([NEW.digest])]]), prePulls: [{ ...pull, state: "done" }] } as const;
    expect(admit(there, NOON).actions.map(({ type }) => type), "its pod goes at once, while agents still move").toEqual(["forget-pre-pull", "write-ledger"]);
    expect(actionOf({ ...there, prePulls: [{ ...pull, state: "pulling" }] }, "forget-pre-pull")).toBeUndefined();
    const failed = { ...absent, prePulls: [{ ...pull, state: "failed", message: "not found", at: NOON - 60_000 }] } as const;
    expect(admit(failed, NOON)).toMatchObject({ actions: [], wakeAt: NOON + 60_000, status: { rollouts: [{ phase: "Held", message: "bots-1 cannot get the image: not found" }] } });
    expect(actionOf(failed, "forget-pre-pull", NOON + 60_000)).toMatchObject(pull);
  });

  test("that all agents got to are marked as proven, once", () => {
    const arrived = rolling(fleet(on(NEW)), { revisions: [revision(OLD, 1, { isProven: true }), revision(NEW, 2)] });
    expect(admit(arrived, NOON).actions).toEqual([{ type: "mark-revision", revision: revision(NEW, 2, { isProven: true }) }]);
    expect(admit({ ...arrived, revisions: [revision(OLD, 1), revision(NEW, 2, { isProven: true })] }, NOON).actions).toEqual([]);
    expect(actionOf(rolling([...fleet(on(NEW), ["ana"]), ...fleet({}, ["bia"])]), "mark-revision"), "while one is on its way").toBeUndefined();
  });

  test.each(["aborted", "undone", "failed"] as const)("that were overtaken on their way are not gone back to when the one that overtook them is %s", (rejected) => {
    const overtaken = rolling([...fleet(on(THIRD), ["ana"]), ...fleet({}, ["bia"])], { revisions: [revision(OLD, 1, { isProven: true }), revision(THIRD, 2), revision(NEW, 3, { rejected })] });
    expect(admit(overtaken, NOON).targets.get("latest")).toEqual(OLD);
    if (rejected !== "failed") expect(actionOf(overtaken, "write-ledger")?.permits.get("ana")).toMatchObject({ image: OLD });
  });

  test("that fail halt at the first agent, in words", () => {
    const world = rolling([...fleet({}, ["ana"]), restarted("Image", 241_000, { name: "bia" })]);
    expect(actionOf(world, "mark-revision")?.revision).toMatchObject({ digest: NEW.digest, rejected: "failed", rejectedReason: "bia failed on sha256:bbbbbbbbbbbb: its pod did not become Ready in time" });
    expect(actionOf({ ...world, policy: { ...POLICY, failureBudget: 1 } }, "mark-revision")).toBeUndefined();
  });
});

describe("operations", () => {
  const ask = (verb: FleetOperation["verb"], changes: Partial<FleetWorld> = {}) =>
    rolling([...fleet({}, ["ana"]), ...fleet(on(NEW), ["bia"])], { operation: { id: "o1", verb, by: "ana", at: NOON }, ...changes });

  test.each<[string, FleetWorld, object | undefined]>([
    ["abort takes back what is under way", ask("abort"), { digest: NEW.digest, rejected: "aborted", rejectedReason: "aborted by ana", operation: "o1" }],
    ["abort of what goes back already is only noted: it goes no further back", ask("abort", { revisions: [revision(NEWER, 1), revision(OLD, 2), revision(NEW, 3, { rejected: "aborted" })] }), { digest: OLD.digest, operation: "o1" }],
    ["start of what neither failed nor was taken back is only noted", ask("start"), { digest: NEW.digest, attempt: 1, operation: "o1" }],
    ["start with agents that failed gives another attempt", ask("start", { agents: fleet({ deployment: { ...DEPLOYMENT, failed: { digest: NEW.digest, attempt: 1 } } }), policy: { ...POLICY, failureBudget: 9 } }), { digest: NEW.digest, attempt: 2 }],
    ["abort of what is over is only noted", ask("abort", { agents: fleet(on(NEW)) }), { digest: NEW.digest, operation: "o1" }],
    ["undo takes back what is over as well", ask("undo", { agents: fleet(on(NEW)) }), { digest: NEW.digest, rejected: "undone" }],
    ["undo without anything to go back to is only noted", ask("undo", { revisions: [revision(NEW, 1)] }), { digest: NEW.digest, operation: "o1" }],
    ["start gives another attempt", ask("start", { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "failed" })] }), { digest: NEW.digest, attempt: 2, revision: 2, operation: "o1" }],
    ["nothing is done twice though the status is lost", ask("undo", { revisions: [revision(OLD, 1), revision(NEW, 2, { operation: "o1" })] }), undefined],
  ])("%s", (_name, world, expected) => {
    const marked = actionOf(world, "mark-revision")?.revision;
    if (expected) expect(marked).toMatchObject(expected);
    else expect(marked).toBeUndefined();
    if (expected && !("rejected" in expected)) expect(marked?.rejected, "nothing else is marked").toBeUndefined();
    expect(ledgerOf(world), "who is disrupted is decided when the mark is written").toEqual(expected ? undefined : { ana: "Image" });
  });

  test.each<[string, FleetWorld, string, string]>([
    ["an abort", ask("abort"), "RolloutAborted", "latest: aborted by ana: agents go back from sha256:bbbbbbbbbbbb (OpenClaw 2026.9.2) to sha256:aaaaaaaaaaaa (OpenClaw 2026.9.2)"],
    [
      "an abort of what overtook another",
      ask("abort", { revisions: [revision(OLD, 1, { isProven: true }), revision(THIRD, 2), revision(NEW, 3)] }),
      "RolloutAborted",
      "latest: aborted by ana: agents go back from sha256:bbbbbbbbbbbb (OpenClaw 2026.9.2) to sha256:aaaaaaaaaaaa (OpenClaw 2026.9.2)",
    ],
    ["an undo", ask("undo"), "RolloutUndone", "latest: undone by ana: agents go back from sha256:bbbbbbbbbbbb (OpenClaw 2026.9.2) to sha256:aaaaaaaaaaaa (OpenClaw 2026.9.2)"],
    ["a start", ask("start", { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "failed" })] }), "RolloutStarted", "latest: started by ana: sha256:bbbbbbbbbbbb (OpenClaw 2026.9.2) rolls out again"],
    ["a pause", ask("pause"), "RolloutPaused", "latest: paused by ana"],
    ["a resume", ask("resume"), "RolloutResumed", "latest: resumed by ana"],
  ])("an Event tells %s, once", (_name, world, reason, message) => {
    expect(told(world)).toEqual({ type: "announce", severity: "Normal", reason, message });
    expect(told({ ...world, previous: { ...admit(world, NOON).status, acknowledgedOperation: "o1" } })).toBeUndefined();
  });

  test("an Event tells when all agents are back", () => {
    const back = rolling(fleet({}), { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "aborted", rejectedReason: "aborted by ana" })] });
    const before = admit({ ...back, agents: fleet(on(NEW)) }, NOON).status;
    expect(told({ ...back, previous: before })).toMatchObject({ reason: "RolloutRolledBack", message: expect.stringContaining(OLD.digest.slice(0, 19)) });
    expect(told({ ...back, previous: admit(back, NOON).status })).toBeUndefined();
  });

  test.each<[string, FleetWorld, readonly string[]]>([
    ["under way", rolling(fleet({})), ["pause", "abort", "undo"]],
    ["paused", rolling(fleet({}), { operation: { id: "o1", verb: "pause", by: "ana", at: NOON } }), ["resume", "abort", "undo"]],
    ["complete", rolling(fleet(on(NEW))), ["pause", "undo"]],
    ["complete, the first image", fleetWorld(fleet({})), ["pause"]],
    ["going back", rolling(fleet(on(NEW)), { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "aborted" })] }), ["start", "pause"]],
    ["halted", rolling(fleet({}), { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "failed" })] }), ["start", "pause", "abort", "undo"]],
  ])("what is %s says what may be asked of it", (_name, world, operations) => {
    expect(admit(world, NOON).status.rollouts[0]).toMatchObject({ operations });
  });

  test("refresh asks the registry once", () => {
    const first = admit(ask("refresh"), NOON);
    expect(first.actions.map(({ type }) => type)).toContain("resolve-channels");
    expect(first.status.acknowledgedOperation).toBe("o1");
    expect(actionOf({ ...ask("refresh"), previous: first.status }, "resolve-channels")).toBeUndefined();
  });
});

describe("the status", () => {
  test("shows the waves, and folds those of a large fleet", () => {
    const names = Array.from({ length: 100 }, (__, index) => `agent-${String(index).padStart(3, "0")}`);
    const agents = [...fleet(on(NEW), names.slice(0, 30)), ...fleet({}, names.slice(30))];
    const [rollout] = admit(rolling(agents), NOON).status.rollouts;
    expect(rollout).toMatchObject({ phase: "Progressing", done: 30, total: 100 });
    expect(rollout?.waves.map(({ name, done }) => [name, done]).slice(0, 3)).toEqual([["wave 1 to wave 29", 29], ["wave 30", 1], ["wave 31", 0]]);
    expect(rollout?.waves).toHaveLength(13);
  });

  const taken = { revisions: [revision(OLD, 1), revision(NEW, 2, { rejected: "aborted", rejectedReason: "aborted by ana" })] };
  const aborted = "latest means sha256:bbbbbbbbbbbb (OpenClaw 2026.9.2), which was aborted by ana";
  const pause = { operation: { id: "o1", verb: "pause", by: "ana", at: NOON } } as const;
  test.each<[string, FleetWorld, object, "True" | "False"]>([
    ["agents on the way back", rolling(fleet(on(NEW)), taken), { phase: "RollingBack", digest: OLD.digest, message: `back to sha256:aaaaaaaaaaaa (OpenClaw 2026.9.2), wave 1: ana; ${aborted}` }, "True"],
    ["that they are back", rolling(fleet({}), taken), { phase: "Held", message: aborted, waves: [] }, "False"],
    ["a pause with nothing under way", rolling(fleet(on(NEW)), pause), { phase: "Paused", message: "paused by ana: no newer image rolls out", waves: [] }, "False"],
    ["a pause under way", rolling(fleet({}), pause), { phase: "Paused", message: "paused by ana" }, "True"],
    ["a pause that somebody else's request does not change", rolling(fleet({}), { operation: { id: "o2", verb: "refresh", by: "bia", at: NOON, paused: ["latest"] } }), { phase: "Paused", message: "paused" }, "True"],
  ])("shows %s", (_name, world, rollout, isReconciling) => {
    const { rollouts, conditions } = admit(world, NOON).status;
    expect(rollouts[0]).toMatchObject(rollout);
    expect(conditions).toContainEqual(expect.objectContaining({ type: "Reconciling", status: isReconciling }));
  });

  test("does not change by itself", () => {
    const first = admit(fleetWorld(fleet({})), NOON);
    expect(first).toMatchObject({ actions: [], status: { agents: { total: 4, ready: 4, disrupted: 0 }, rollouts: [{ phase: "Complete", waves: [] }] } });
    expect(first.wakeAt).toBeUndefined();
    expect(admit(fleetWorld(fleet({}), { previous: first.status }), NOON + 86_400_000).status).toEqual(first.status);
  });
});

describe("properties", () => {
  const agent = fc.constantFrom<(name: string) => AgentWorld>(
    (name) => agentWorld({ name, previous: status() }),
    (name) => agentWorld({ name, previous: status(), ...requested }),
    (name) => agentWorld({ name, previous: status(), ...on(NEW) }),
    (name) => agentWorld({ name, ...down }),
    (name) => agentWorld({ name, ...down, ...requested }),
    (name) => agentWorld({ name, ...requested, permit: permit() }),
    (name) => restarted("Image", 80_000, { name }),
    (name) => restarted("Image", 300_000, { name }),
    (name) => restarted("Template", 300_000, { name, ...requested }),
    (name) => agentWorld({ name, declared: { ...DECLARED, suspended: "ana" }, permit: permit() }),
  );
  const worlds = fc.record({ kinds: fc.array(agent, { maxLength: 12 }), maxDisrupted: fc.integer({ min: 1, max: 5 }), failureBudget: fc.nat(2), isFrozen: fc.boolean() }).map(({ kinds, maxDisrupted, failureBudget, isFrozen }) => {
    const freezes = isFrozen ? [{ from: NOON - 1, to: NOON + 1_000, reason: "" }] : [];
    return rolling(kinds.map((make, index) => make(`agent-${index}`)), { policy: { ...POLICY, maxDisrupted, failureBudget, freezes } });
  });

  test("no agent that is up gets a permit beyond the budget, nor in a freeze", () => {
    fc.assert(fc.property(worlds, (world) => {
      const grants = grantsOf(world).map(([name]) => world.agents.find((one) => one.name === name)).filter((one) => one && isUp(one));
      if (grants.length === 0) return;
      const write = actionOf(world, "write-ledger");
      const others = world.agents.filter((one) => !write?.permits.has(one.name) && !isUp(one));
      expect((write?.permits.size ?? 0) + others.length).toBeLessThanOrEqual(world.policy.maxDisrupted);
      expect(world.policy.freezes).toEqual([]);
    }));
  });

  test("no permit is lost by an agent that has acted on it and is not settled", () => {
    fc.assert(fc.property(worlds, (world) => {
      const write = actionOf(world, "write-ledger");
      if (!write) return;
      for (const one of world.agents) {
        if (one.permit && one.deployment?.restart?.id === one.permit.id && !isUp(one)) expect(write.permits.has(one.name)).toBe(true);
      }
    }));
  });

  test("what is decided once is not decided again on what became of it", () => {
    fc.assert(fc.property(worlds, (world) => {
      const first = admit(world, NOON);
      const write = first.actions.find((action) => action.type === "write-ledger");
      const mark = first.actions.find((action) => action.type === "mark-revision");
      if (!write || mark) return;
      const agents = world.agents.map(({ permit: __, ...one }) => {
        const held = write.permits.get(one.name);
        return Object.assign(one, held && { permit: held });
      });
      expect(ledgerOf({ ...world, agents, previous: first.status, ledger: { resourceVersion: "4", permits: write.permits } })).toBeUndefined();
    }));
  });
});
