import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";
import { decide } from "./decide.ts";
import { REMOVAL_GRACE, type Roster } from "./removal.ts";
import { agentWorld, fleetWorld, NOON, POLICY, status } from "./testing/worlds.ts";
import type { FleetStatus } from "./status.ts";
import type { AgentWorld } from "./world.ts";

const definition = { uid: "d1", isTerminating: false };
const orphan = (name: string, noticedAt = NOON - REMOVAL_GRACE) => ({ name, isRunning: true, noticedAt });
const left = (name: string) => ({ name, isRunning: false, noticedAt: NOON - REMOVAL_GRACE });
const whole: Roster = { definition, recorded: "d1", declared: 2, orphans: [] };
const fleet = (roster: Roster, previous?: FleetStatus) => admit(fleetWorld([agentWorld({ previous: status() })], { roster, ...(previous && { previous }) }), NOON);

describe("what runs of undeclared agents", () => {
  test.each<[string, Partial<Roster>, string | undefined]>([
    ["nobody is undeclared", {}, undefined],
    ["one of several was deleted", { orphans: [orphan("bea")] }, undefined],
    ["several of many were deleted", { orphans: [orphan("bea"), orphan("caio")] }, undefined],
    ["the only one was deleted", { declared: 0, orphans: [orphan("bea")] }, undefined],
    ["all were deleted at once", { declared: 0, orphans: [orphan("bea"), orphan("caio")] }, "not one Agent is declared, but 2 run"],
    ["the last runs, of the one before it little is left", { declared: 0, orphans: [orphan("bea"), left("caio")] }, undefined],
    ["the definition is being deleted", { definition: { ...definition, isTerminating: true }, orphans: [orphan("bea")] }, "is being deleted"],
    ["the definition was made again, and some are declared again", { definition: { ...definition, uid: "d2" }, declared: 1, orphans: [orphan("bea")] }, "is a new one"],
  ])("%s", (_name, changes, held) => {
    const { status: told, actions } = fleet({ ...whole, ...changes });
    const stalled = told.conditions.find(({ type }) => type === "Stalled");
    if (held === undefined) {
      expect(told.removalsHeld).toBeUndefined();
      expect(stalled?.status).toBe("False");
      return;
    }
    expect(told.removalsHeld?.message).toContain(held);
    expect(told.removalsHeld?.message).toContain("frota delete NAME");
    expect(stalled).toMatchObject({ status: "True", reason: "RemovalHeld" });
    expect(actions).toContainEqual(expect.objectContaining({ type: "announce", severity: "Warning", reason: "RemovalHeld" }));
    expect(fleet({ ...whole, ...changes }, told).actions.filter(({ type }) => type === "announce")).toEqual([]);
  });

  test("no definition, no removal", () => {
    const { definition: _, ...none } = whole;
    expect(fleet({ ...none, orphans: [orphan("bea")] }).status.removalsHeld?.message).toContain("is not there");
  });

  test("a hold that may be over in a moment is not told of yet", () => {
    const { status: told, wakeAt } = fleet({ ...whole, recorded: "d0", orphans: [orphan("bea", NOON - 1)] });
    expect(told.removalsHeld).toBeUndefined();
    expect(wakeAt).toBe(NOON - 1 + REMOVAL_GRACE);
  });
});

test.each<[string, Partial<Roster>, string | undefined]>([
  ["is put on record once", {}, undefined],
  ["is put on record when everything that runs is declared under it", { recorded: "d0" }, "d1"],
  ["is not while something is undeclared", { recorded: "d0", orphans: [orphan("bea")] }, undefined],
  ["is not while it goes", { recorded: "d0", definition: { ...definition, isTerminating: true } }, undefined],
])("the definition %s", (_name, changes, uid) => {
  const found = fleet({ ...whole, ...changes }).actions.flatMap((action) => (action.type === "record-definition" ? [action.uid] : []));
  expect(found).toEqual(uid === undefined ? [] : [uid]);
});

describe("an agent that nobody declares", () => {
  const { declared: _, ...undeclared } = agentWorld();
  const doneFor = (changes: Partial<AgentWorld>) => decide({ ...undeclared, ...changes }, NOON);
  const removed: ReturnType<typeof doneFor> = { actions: [{ type: "remove" }] };

  test.each<[string, Partial<AgentWorld>, ReturnType<typeof doneFor>]>([
    ["is not removed in its first moment: it may come back", { removal: { noticedAt: NOON - 1_000 } }, { actions: [], wakeAt: NOON - 1_000 + REMOVAL_GRACE }],
    ["is removed then", { removal: { noticedAt: NOON - REMOVAL_GRACE } }, removed],
    ["is removed though the clock was set back", { removal: { noticedAt: NOON + 3_600_000 } }, removed],
    ["is not removed while that is held, and is looked at again", { removal: { noticedAt: 0, hold: "the definition is a new one" } }, { actions: [], wakeAt: NOON + 30_000 }],
    ["is not removed in a suspended fleet", { removal: { noticedAt: 0 }, policy: { ...POLICY, suspended: "by ana" } }, { actions: [] }],
  ])("%s", (_name, changes, expected) => {
    expect(doneFor(changes)).toEqual(expected);
  });
});
