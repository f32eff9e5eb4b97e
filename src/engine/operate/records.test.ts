import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImageRevision } from "../../decide/fleet-world.ts";
import { RESTART_NEEDS, type Permit } from "../../decide/world.ts";
import { decodeLedger, encodeLedger } from "./ledger.ts";
import { decodeRevision, encodeRevision } from "./revisions.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
const version = fc.option(fc.constantFrom("2026.9.2", "2026.10.0"), { nil: undefined });
const time = fc.integer({ min: 0, max: 4e12 });
const need = fc.constantFrom(...RESTART_NEEDS);
/** Keys whose value is undefined left out, as an encoder does. */
const clean = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

const permit: fc.Arbitrary<Permit> = fc
  .record({
    id: fc.string({ minLength: 1 }),
    cause: need,
    also: fc.array(need),
    grantedAt: time,
    image: fc.record({ digest, openclawVersion: version }),
    attempt: fc.nat(),
    isExtra: fc.constantFrom(true, undefined),
    isRemedy: fc.constantFrom(true, undefined),
    withdrawnAt: fc.option(time, { nil: undefined }),
  })
  .map((value) => clean(value) as Permit);

const revision: fc.Arbitrary<ImageRevision> = fc
  .record({
    name,
    channel: name,
    digest,
    openclawVersion: version,
    revision: fc.nat(),
    attempt: fc.nat({ max: 999_999_999 }),
    rejected: fc.constantFrom("failed", "aborted", "undone", undefined),
    rejectedReason: fc.option(fc.string(), { nil: undefined }),
    operation: fc.option(fc.string(), { nil: undefined }),
    isProven: fc.constantFrom(true, undefined),
  })
  .map((value) => clean(value) as ImageRevision);

describe("the ledger", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(fc.dictionary(name, permit), (entries) => {
        const permits = new Map(Object.entries(entries));
        const stored = clean(encodeLedger("bots", permits, "7"));
        expect(decodeLedger(stored)).toEqual({ resourceVersion: "7", permits, unreadable: [] });
      }),
    );
  });

  test("that holds anything else permits nothing, and is named", () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(fc.json(), fc.string())), (data) => {
        const { permits, unreadable } = decodeLedger({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "frota-disruptions" }, data });
        expect(permits.size).toBe(0);
        expect(unreadable).toEqual(Object.keys(data));
      }),
    );
    expect(decodeLedger(undefined)).toEqual({ permits: new Map(), unreadable: [] });
  });
});

describe("a revision", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(revision, (value) => {
        expect(decodeRevision(clean(encodeRevision({ name: "f", namespace: "bots" }, value)))).toEqual(value);
      }),
    );
  });

  test("of somebody else is none", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (data, number) => {
        const object = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "x" }, revision: number, data };
        expect(decodeRevision(object)).toBeUndefined();
      }),
    );
  });
});
