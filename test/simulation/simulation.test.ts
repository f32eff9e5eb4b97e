import { describe, expect, test } from "vitest";
import type { AgentAction, FleetDecision } from "../../src/decide/action.ts";
import { admit } from "../../src/decide/admit.ts";
import { decide } from "../../src/decide/decide.ts";
import type { FleetWorld, ImageRevision } from "../../src/decide/fleet-world.ts";
import type { AgentWorld, Permit } from "../../src/decide/world.ts";
import { checkSeed, wordsFor } from "./check.ts";
import type { Brain } from "./engine.ts";
import type { Invariant } from "./invariants.ts";

const REAL: Brain = { decide, admit };

/** Both functions see an altered world. */
function blind(alter: (world: AgentWorld) => AgentWorld): Brain {
  return {
    decide: (world, now) => decide(alter(world), now),
    admit: (world, now) => admit({ ...world, agents: world.agents.map(alter), policy: alter({ policy: world.policy } as AgentWorld).policy ?? world.policy }, now),
  };
}

function withoutSuspension({ policy, declared, ...world }: AgentWorld): AgentWorld {
  const { suspended: _, ...open } = policy;
  if (declared === undefined) return { ...world, policy: open };
  const { suspended: __, ...free } = declared;
  return { ...world, policy: open, declared: free };
}

function withoutVersion(world: AgentWorld): AgentWorld {
  if (world.state === undefined) return world;
  const { openclawVersion: _, ...state } = world.state;
  return { ...world, state };
}

function withoutRejections(world: FleetWorld): FleetWorld {
  return { ...world, revisions: world.revisions.map(withoutRejection) };
}

function withoutRejection(revision: ImageRevision): ImageRevision {
  const { rejected: _, ...rest } = revision;
  return rest;
}

/** It marks revisions as before, but means and grants what was rejected. */
function deafToRejections(world: FleetWorld, now: number): FleetDecision {
  const { actions } = admit(world, now);
  const decision = admit(withoutRejections(world), now);
  const marks = actions.filter(({ type }) => type === "mark-revision");
  return { ...decision, actions: [...marks, ...decision.actions.filter(({ type }) => type !== "mark-revision")] };
}

function withoutRestart(world: AgentWorld): AgentWorld {
  if (world.deployment === undefined) return world;
  const { restart: _, ...deployment } = world.deployment;
  return { ...world, deployment };
}

/** Nothing tells that the fleet's request was carried out. */
function withoutAcknowledgements(world: FleetWorld): FleetWorld {
  const revisions = world.revisions.map(withoutOperation);
  if (world.previous === undefined) return { ...world, revisions };
  const { acknowledgedOperation: _, ...previous } = world.previous;
  return { ...world, revisions, previous };
}

function withoutOperation(revision: ImageRevision): ImageRevision {
  const { operation: _, ...rest } = revision;
  return rest;
}

/** Permits that are taken back leave the ledger at once. */
function withoutGrace(world: FleetWorld, now: number): FleetDecision {
  const decision = admit(world, now);
  const actions = decision.actions.map((action) => (action.type === "write-ledger" ? { ...action, permits: standingOf(action.permits) } : action));
  return { ...decision, actions };
}

function standingOf(permits: ReadonlyMap<string, Permit>): ReadonlyMap<string, Permit> {
  return new Map([...permits].filter(([, { withdrawnAt }]) => withdrawnAt === undefined));
}

function withOtherId(action: AgentAction): AgentAction {
  return action.type === "restart" ? { ...action, id: `${action.id}-other` } : action;
}

/** Engines that are wrong in one way, and what must notice it. */
const MUTATIONS: readonly { readonly what: string; readonly brain: Brain; readonly caughtBy: readonly Invariant[] }[] = [
  {
    what: "restarts without the permit's id",
    brain: {
      decide: (world, now) => {
        const decision = decide(world, now);
        return { ...decision, actions: decision.actions.map(withOtherId) };
      },
      admit,
      without: ["ledger check"],
    },
    caughtBy: ["permit"],
  },
  { what: "does not read the ledger before a restart, and forgets permits that it takes back", brain: { decide, admit: withoutGrace, without: ["ledger check"] }, caughtBy: ["permit"] },
  { what: "has pods without a lock on their volume", brain: { decide, admit, without: ["volume lock"] }, caughtBy: ["one gateway"] },
  { what: "removes claims together with what runs", brain: { decide, admit, without: ["kept claims"] }, caughtBy: ["state kept"] },
  { what: "forgets that a request was carried out", brain: { decide, admit: (world, now) => admit(withoutAcknowledgements(world), now) }, caughtBy: ["operation once", "no spin"] },
  {
    what: "always wants to look again at once",
    brain: { decide: (world, now) => ({ ...decide(world, now), wakeAt: now }), admit },
    caughtBy: ["no spin"],
  },
  {
    what: "ignores maxDisrupted",
    brain: { decide, admit: (world, now) => admit({ ...world, policy: { ...world.policy, maxDisrupted: 100 } }, now) },
    caughtBy: ["budget"],
  },
  { what: "ignores suspension", brain: blind(withoutSuspension), caughtBy: ["suspended"] },
  { what: "ignores freezes", brain: blind((world) => ({ ...world, policy: { ...world.policy, freezes: [] } })), caughtBy: ["frozen"] },
  {
    what: "ignores missing keys",
    brain: blind((world) => ({ ...world, secret: { ...world.secret, exists: true, missingKeys: [] } })),
    caughtBy: ["missing keys"],
  },
  { what: "ignores the version of the state", brain: blind(withoutVersion), caughtBy: ["no older OpenClaw"] },
  { what: "ignores rejections", brain: { decide, admit: deafToRejections }, caughtBy: ["rejected digest"] },
  { what: "forgets that it has restarted", brain: { decide: (world, now) => decide(withoutRestart(world), now), admit }, caughtBy: ["one cause"] },
  {
    what: "never restarts",
    brain: {
      decide: (world, now) => {
        const decision = decide(world, now);
        return { ...decision, actions: decision.actions.filter(({ type }) => type !== "restart") };
      },
      admit,
    },
    caughtBy: ["settles"],
  },
  {
    what: "writes a status at every look",
    brain: {
      decide: (world, now) => {
        const { status, ...decision } = decide(world, now);
        return status === undefined ? decision : { ...decision, status: { ...status, acknowledgedOperation: String(now) } };
      },
      admit,
    },
    caughtBy: ["nothing to do"],
  },
  {
    what: "throws for a lost node",
    brain: {
      decide: (world, now) => {
        if (world.pods.length > 1) throw new Error("two pods");
        return decide(world, now);
      },
      admit,
    },
    caughtBy: ["total"],
  },
];

describe("the simulator notices", () => {
  test.each(MUTATIONS)("an engine that $what", ({ brain, caughtBy }) => {
    const { failure } = checkSeed(brain, { seed: 7, runs: 400, shrinkFor: 0 });
    expect(caughtBy, failure === undefined ? "nothing noticed it" : failure.message).toContain(failure?.invariant);
  });
});

test("random fleets, faults and people around the real engine break no invariant", () => {
  const { failure, steps } = checkSeed(REAL, { seed: 300, runs: 40 });
  expect(failure === undefined ? "" : wordsFor(failure)).toBe("");
  expect(steps).toBeGreaterThan(10_000);
});
