import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { freezesIn, suspensionIn } from "./standstill.ts";

const NOW = new Date("2026-11-23T12:00:00Z");

function fleet(annotations: Record<string, string>, disruption: object = {}): Manifest {
  return {
    apiVersion: "frota.dev/v1alpha1",
    kind: "Fleet",
    metadata: { name: "bots", namespace: "bots", annotations },
    spec: {
      nodePool: { name: "bots" },
      image: { repository: "registry.example/agent" },
      storage: { className: "block" },
      vault: { address: "https://vault.example", auth: { role: "agents" } },
      disruption,
    },
  };
}

const window = (from: string, to: string) => ({ freezes: [{ from, to, reason: "lunch" }] });
const frozen = (until: string) => ({ "frota.dev/freeze": JSON.stringify({ until, by: "ana@desk", reason: "release day" }) });

describe("freezesIn", () => {
  test("tells who froze it, until when and why", () => {
    expect(freezesIn(fleet(frozen("2026-11-23T14:00:00Z")), NOW)).toEqual([{ until: "2026-11-23T14:00:00.000Z", from: "request", by: "ana@desk", reason: "release day" }]);
  });

  test("one that is over is none", () => {
    expect(freezesIn(fleet(frozen("2026-11-23T11:00:00Z")), NOW)).toEqual([]);
  });

  test("a declared window counts while it is open; the one that lasts longest comes first", () => {
    expect(freezesIn(fleet({}, window("13:00", "14:00")), NOW)).toEqual([]);
    const both = freezesIn(fleet(frozen("2026-11-23T12:30:00Z"), window("11:30", "13:00")), NOW);
    expect(both).toEqual([
      { until: "2026-11-23T13:00:00.000Z", from: "declaration", reason: "lunch" },
      { until: "2026-11-23T12:30:00.000Z", from: "request", by: "ana@desk", reason: "release day" },
    ]);
  });

  test("an annotation that nobody can read freezes, as it does for the controller", () => {
    expect(freezesIn(fleet({ "frota.dev/freeze": "soon" }), NOW)).toMatchObject([{ from: "request", reason: expect.stringContaining("nobody can read") }]);
  });

  test("a Fleet that is not valid says nothing", () => {
    expect(freezesIn({ ...fleet(frozen("2026-11-23T14:00:00Z")), spec: {} }, NOW)).toEqual([]);
  });
});

test("suspensionIn tells a person's from Git's", () => {
  const by = { "frota.dev/suspended": JSON.stringify({ by: "ana@desk", at: "2026-11-23T11:00:00.000Z", reason: "debugging" }) };
  expect(suspensionIn(fleet(by))).toEqual({ from: "request", by: "ana@desk", at: "2026-11-23T11:00:00.000Z", reason: "debugging" });
  expect(suspensionIn({ ...fleet({}), spec: { suspend: true } })).toEqual({ from: "declaration" });
  expect(suspensionIn(fleet({ "frota.dev/suspended": "x" }))).toEqual({ from: "request" });
  expect(suspensionIn(fleet({}))).toBeUndefined();
  expect(suspensionIn(undefined)).toBeUndefined();
});
