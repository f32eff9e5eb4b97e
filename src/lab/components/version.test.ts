import { assert, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions, parseVersion } from "./version.ts";

describe("parseVersion", () => {
  it.each([
    ["Kubernetes v1.35.4", "1.35.4"],
    ["etcd Version: 3.6.5\nGit SHA: Not provided", "3.6.5"],
    ["Client Version: v1.35.4\nKustomize Version: v5.7.1", "1.35.4"],
    ["go1.26", "1.26"],
    ["OpenBao v2.7.2 (9e0a0d3c), committed 2026-10-26T20:32:27Z", "2.7.2"],
    ["CoreDNS-1.13.1\nlinux/amd64, go1.26.8,", "1.13.1"],
  ])("finds the version in %j", (text, version) => expect(parseVersion(text)).toBe(version));

  it("finds none where there is none", () => expect(parseVersion("usage: vault <command>")).toBeUndefined());
});

describe("compareVersions", () => {
  it.each([
    ["1.25.1", "1.25.0"],
    ["1.26", "1.25.9"],
    ["1.100.0", "1.99.9"],
    ["2", "1.99"],
  ])("puts %s after %s", (later, earlier) => {
    expect(compareVersions(later, earlier)).toBeGreaterThan(0);
    expect(compareVersions(earlier, later)).toBeLessThan(0);
  });

  it("counts missing parts as 0", () => expect(compareVersions("1.26", "1.26.0")).toBe(0));

  it("reads what it is given as a number by part", () => {
    const part = integer({ min: 0, max: 500 });
    assert(
      property(tuple(part, part, part), tuple(part, part, part), (left, right) => {
        const expected = left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
        expect(Math.sign(compareVersions(left.join("."), right.join(".")))).toBe(Math.sign(expected));
      }),
    );
  });
});
