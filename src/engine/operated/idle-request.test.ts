import { describe, expect, test } from "vitest";
import type { FleetStatus, RolloutStatus, RolloutVerb } from "../../decide/status.ts";
import type { Manifest } from "../../render/manifest.ts";
import { OPERATED } from "../operate/annotations.ts";
import { idleRequest } from "./idle-request.ts";

const [OLD, NEW] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
const WAVE = { name: "wave 1", agents: ["ana"], done: 0, failed: 0 };

const rollout = (changes: Partial<RolloutStatus> = {}): RolloutStatus => ({
  channel: "latest", digest: NEW, phase: "Complete", message: "words", waves: [], done: 3, total: 3, failedAgents: [], previousDigest: OLD, operations: [], ...changes,
});

function fleet(rollouts: readonly RolloutStatus[], rest: { readonly status?: Partial<FleetStatus>; readonly annotations?: Readonly<Record<string, string>>; readonly spec?: object } = {}): Manifest {
  const status = { observedGeneration: 1, tag: "latest", conditions: [], agents: { total: 3, ready: 3, disrupted: 0 }, rollouts, disruptions: [], ...rest.status };
  return { apiVersion: "frota.dev/v1alpha1", kind: "Fleet", metadata: { name: "test", annotations: { ...rest.annotations } }, spec: { ...rest.spec }, status };
}

const { previousDigest: _, ...first } = rollout();

describe("where there is nothing to act on, it is said what there is, and what to do", () => {
  test.each<[RolloutVerb, string, RolloutStatus, RegExp, RegExp]>([
    ["abort", "all is done", rollout(), /nothing to abort: no image of latest is rolling out; 3 of 3 agents run sha256:b{12}$/, /rollout undo` takes all agents back to sha256:a{12}$/],
    ["abort", "agents go back already", rollout({ phase: "RollingBack", message: "back to that", waves: [WAVE] }), /nothing to abort: back to that$/, /rollout start/],
    ["abort", "nothing was before", { ...first, phase: "Progressing", waves: [WAVE] }, /the first image of latest/, /rollout pause/],
    ["undo", "nothing was before", first, /nothing to undo: sha256:b{12} is the first image of latest/, /push the image/],
    ["start", "all is done", rollout(), /nothing to start: all is done for sha256:b{12}/, /image refresh/],
    ["start", "it is under way", rollout({ phase: "Progressing", message: "wave 1: ana" }), /Progressing, wave 1: ana/, /rollout status/],
    ["start", "it is paused", rollout({ phase: "Paused", message: "paused by ana" }), /nothing to start: latest is paused by ana/, /rollout resume/],
    ["resume", "all is done", rollout(), /nothing to resume: latest is not paused: Complete/, /rollout status/],
    ["resume", "it halted", rollout({ phase: "Halted" }), /not paused: Halted/, /rollout start/],
    ["pause", "it is paused", rollout({ phase: "Paused", message: "paused by ana" }), /nothing to pause: latest is paused by ana/, /rollout resume/],
  ])("%s: %s", (...[verb, , found, message, next]) => {
    expect(idleRequest(fleet([found]), { verb, channel: "latest" })).toMatchObject({
      code: "REQUEST_WITHOUT_EFFECT", outcome: "refused", message: expect.stringMatching(message), next: expect.stringMatching(next),
    });
  });

  test("an unknown channel: those that are known", () => {
    expect(idleRequest(fleet([rollout()]), { verb: "undo", channel: "edge" })?.message).toMatch(/channel edge is known; known are: latest/);
  });

  test.each(["abort", "refresh"] as const)("a suspended fleet, whatever is asked: %s", (verb) => {
    const annotations = { [OPERATED.suspended]: JSON.stringify({ by: "ana", reason: "holidays" }) };
    expect(idleRequest(fleet([rollout({ operations: ["abort"] })], { annotations }), { verb, channel: "latest" })).toMatchObject({ code: "FLEET_SUSPENDED", message: expect.stringContaining("suspended by ana: holidays") });
  });
});

describe("is left to the controller:", () => {
  test.each<[string, RolloutVerb | "refresh", Manifest]>([
    ["what has an effect", "abort", fleet([rollout({ operations: ["abort"] })])],
    ["a question to the registry", "refresh", fleet([rollout()])],
    ["a pause before any image is known", "pause", fleet([])],
    ["what nobody has looked at yet", "undo", { ...fleet([]), status: undefined }],
    ["what follows a request that is not answered yet", "resume", fleet([rollout()], { annotations: { [OPERATED.requestedOperation]: JSON.stringify({ id: "o2" }) }, status: { acknowledgedOperation: "o1" } })],
  ])("%s", (_name, verb, resource) => {
    expect(idleRequest(resource, { verb, channel: "latest" })).toBeUndefined();
  });

  test("what a controller of an earlier release says nothing about", () => {
    const { operations: __, ...unsaid } = rollout();
    expect(idleRequest(fleet([unsaid]), { verb: "abort", channel: "latest" })).toBeUndefined();
  });
});
