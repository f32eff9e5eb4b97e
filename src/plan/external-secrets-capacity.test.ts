import { describe, expect, test } from "vitest";
import { operatorLimits, operatorNeeds, operatorShortfalls } from "./external-secrets-capacity.ts";

test.each<[readonly string[], object]>([
  [[], { concurrent: 1, clientQps: 50, clientBurst: 100 }],
  [["--concurrent=5", "--client-qps", "80"], { concurrent: 5, clientQps: 80, clientBurst: 100 }],
  [["--concurrent", "--client-burst=none"], { concurrent: 1, clientQps: 50, clientBurst: 100 }],
])("%j set %o", (args, limits) => {
  expect(operatorLimits(args)).toEqual(limits);
});

describe("what a fleet needs", () => {
  test.each<[number, readonly string[]]>([
    [3, []],
    [100, []],
    [200, ["--concurrent=2"]],
    [3000, ["--concurrent=30", "--client-qps=200", "--client-burst=400"]],
  ])("beyond the operator's own limits, with %i agents: %j", (agents, flags) => {
    expect(operatorShortfalls(operatorLimits([]), operatorNeeds(agents))).toEqual(flags);
  });

  test("is what it lacks no more when it is set", () => {
    const needs = operatorNeeds(3000);
    expect(operatorShortfalls(operatorLimits(operatorShortfalls(operatorLimits([]), needs)), needs)).toEqual([]);
  });
});
