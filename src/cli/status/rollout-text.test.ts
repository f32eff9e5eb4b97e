import { expect, test } from "vitest";
import type { RolloutStatus } from "../../decide/status.ts";
import { rolloutText } from "./rollout-text.ts";

const plain = (_style: unknown, text: string) => text;
const rollout = (changes: Partial<RolloutStatus>): RolloutStatus => ({
  channel: "latest", digest: `sha256:${"b".repeat(64)}`, phase: "Complete", message: "words", waves: [], done: 3, total: 3, failedAgents: [], ...changes,
});

test.each<[string, Partial<RolloutStatus>, string | undefined]>([
  ["a pause", { phase: "Paused" }, "`frota rollout resume` lets it go on"],
  ["a halt", { phase: "Halted", operations: ["start"] }, "push a mended image, or try this one again with `frota rollout start`"],
  ["what was taken back", { phase: "Held", operations: ["start", "pause"] }, "`frota rollout start` takes it up again"],
  ["what waits for the registry", { phase: "Held", operations: ["pause"] }, undefined],
  ["agents on their way back", { phase: "RollingBack", operations: ["start"] }, undefined],
])("says what only a person can do about %s", (_name, changes, next) => {
  const text = rolloutText({ observedGeneration: 1, conditions: [], agents: { total: 3, ready: 3, disrupted: 0 }, rollouts: [rollout(changes)], disruptions: [] }, plain);
  expect(text).toContain(`latest bbbbbbbbbbbb  ${changes.phase}  3 of 3\n  words\n`);
  expect(/next: (.*)/.exec(text)?.[1]).toBe(next);
});
