import { describe, expect, test } from "vitest";
import { fleetSchema, type Fleet } from "../../spec/fleet.ts";
import { resolvePolicy } from "./policy.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const HOUR = 3_600_000;

function fleet(spec: object = {}, annotations: Readonly<Record<string, string>> = {}): Fleet {
  return fleetSchema.parse({
    apiVersion: "frota.dev/v1alpha1",
    kind: "Fleet",
    metadata: { name: "f", namespace: "bots", annotations },
    spec: {
      nodePool: { name: "bots" },
      image: { repository: "r/x" },
      storage: { className: "s" },
      vault: { address: "http://vault:8200", auth: { role: "r" } },
      ...spec,
    },
  });
}

test("what a Fleet leaves out has its defaults, in milliseconds", () => {
  expect(resolvePolicy(fleet(), 3, NOW)).toEqual({
    maxDisrupted: 1,
    canaries: [],
    bakeTime: 120_000,
    failureBudget: 0,
    quietWait: 600_000,
    coalesceWindow: 10_000,
    freezes: [],
  });
});

test.each<[string | number, number, number]>([
  [2, 3, 2],
  ["10%", 3, 1],
  ["10%", 0, 1],
  ["10%", 39, 3],
  ["100%", 200, 200],
  ["1%", 3_000, 30],
])("maxDisrupted %s of %i agents is %i", (maxDisrupted, agents, expected) => {
  expect(resolvePolicy(fleet({ disruption: { maxDisrupted } }), agents, NOW).maxDisrupted).toBe(expected);
});

const freeze = (value: string) => resolvePolicy(fleet({}, { "frota.dev/freeze": value }), 3, NOW).freezes;
const until = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

describe("annotation frota.dev/freeze", () => {
  test("freezes until its time", () => {
    expect(freeze(JSON.stringify({ until: until(1), by: "ana", reason: "demo" }))).toEqual([{ from: 0, to: NOW + HOUR, reason: "frozen by ana: demo" }]);
    expect(freeze(JSON.stringify({ until: until(-1), by: "ana", reason: "demo" }))).toEqual([]);
  });

  test("that nobody can read freezes all the same", () => {
    for (const garbage of ["", "{", "7", '{"until":"soon"}']) expect(freeze(garbage)).toMatchObject([{ from: 0 }]);
  });
});

test("a freeze window in a time zone that nobody knows holds everything", () => {
  const freezes = [{ from: "18:00", to: "19:00", timeZone: "Mars/Olympus" }];
  expect(resolvePolicy(fleet({ disruption: { freezes } }), 3, NOW).suspended).toContain("time zone");
});
