import { expect, test } from "vitest";
import { assertLabPossible, wayToLab } from "./platform.ts";

test("Linux and root can hold the lab", () => {
  expect(() => assertLabPossible({ system: "linux", userId: 0 })).not.toThrow();
});

test.each([
  [{ system: "linux", userId: 1000 }, /needs root/],
  [{ system: "darwin", userId: 501 }, /needs Linux/],
  [{ system: "win32", userId: undefined }, /needs Linux/],
])("%o is refused and pointed to an existing cluster", (platform, message) => {
  expect(() => assertLabPossible(platform)).toThrow(message);
  try {
    assertLabPossible(platform);
  } catch (error) {
    expect(error).toMatchObject({ code: "LAB_IMPOSSIBLE", outcome: "refused", next: expect.stringContaining("--context NAME") });
  }
});

test.each([
  [{ system: "linux", userId: 0 }, "start the lab: `frota start`"],
  [{ system: "linux", userId: 1000 }, expect.stringMatching(/as root.*sudo/)],
  [{ system: "darwin", userId: 501 }, undefined],
])("%o is told a way to a lab that is open to it", (platform, way) => {
  expect(wayToLab(platform)).toEqual(way);
});
