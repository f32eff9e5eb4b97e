import { describe, expect, test } from "vitest";
import { pausedChannels } from "./request.ts";

describe("a paused channel", () => {
  const verbs = ["pause", "refresh", "resume", "start", "abort", "undo"] as const;

  test.each(verbs.map((verb) => [verb, verb === "pause" || verb === "refresh"] as const))("after %s of it stands still: %s", (verb, stands) => {
    expect(pausedChannels({ paused: ["latest"] }, { verb, channel: "latest" })).toEqual(stands ? ["latest"] : []);
  });

  test.each(verbs)("stands still whatever is asked of another one: %s", (verb) => {
    expect(pausedChannels({ paused: ["latest"] }, { verb, channel: "edge" })).toContain("latest");
  });

  test("is none where nobody asked for anything yet", () => {
    expect(pausedChannels(undefined, { verb: "refresh", channel: "latest" })).toEqual([]);
  });
});
