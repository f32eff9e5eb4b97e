import { describe, expect, test } from "vitest";
import { checkImage } from "./check-image.ts";
import type { ResolvedImage } from "./image.ts";

const ENGINES = ">=22.22.3 <23 || >=24.15.0 <25 || >=25.9.0";

function image(labels: Partial<ResolvedImage>): ResolvedImage {
  return { reference: "r.example/a:latest", digest: "sha256:0", platforms: [], labels: {}, ...labels };
}

describe("checkImage", () => {
  test.each<[string, Partial<ResolvedImage>, string | undefined, readonly string[]]>([
    ["the pinned OpenClaw on Node 22", { engines: ENGINES, node: "22.23.3", openclawVersion: "2026.9.2" }, undefined, []],
    ["the same on Node 24", { engines: ENGINES, node: "24.21.0", openclawVersion: "2026.9.2" }, "2026.9.2", []],
    ["the newest OpenClaw on Node 22", { engines: ">=24.16.0 <25 || >=26.1.0", node: "22.23.3", openclawVersion: "2026.9.6" }, "2026.9.2", ["IMAGE_NODE_REFUSED"]],
    ["Node 23, between the ranges", { engines: ENGINES, node: "23.1.0" }, undefined, ["IMAGE_NODE_REFUSED"]],
    ["an older OpenClaw than the state", { engines: ENGINES, node: "22.23.3", openclawVersion: "2026.9.2" }, "2026.9.6", ["IMAGE_OPENCLAW_OLDER"]],
    ["an older one that also refuses its Node", { engines: ">=24", node: "22.23.3", openclawVersion: "2026.9.2" }, "2026.10.1", ["IMAGE_NODE_REFUSED", "IMAGE_OPENCLAW_OLDER"]],
    ["a repair of the state's OpenClaw", { engines: ENGINES, node: "22.23.3", openclawVersion: "2026.9.2-1" }, "2026.9.2", []],
    ["a beta of the state's OpenClaw", { engines: ENGINES, node: "22.23.3", openclawVersion: "2026.9.2-beta.1" }, "2026.9.2", ["IMAGE_OPENCLAW_OLDER"]],
    ["no labels", {}, undefined, ["IMAGE_UNLABELLED"]],
    ["no labels, with state", {}, "2026.9.2", ["IMAGE_UNLABELLED", "IMAGE_UNLABELLED"]],
    ["senseless labels", { engines: "whatever", node: "22.23.3" }, undefined, ["IMAGE_ENGINE_INVALID"]],
  ])("%s", (_case, labels, previous, codes) => {
    expect(checkImage(image(labels), previous).map(({ code }) => code)).toEqual(codes);
  });

  test("an image that the registry does not have", () => {
    expect(checkImage({ reference: "r.example/a:none", missing: true })).toMatchObject([
      { severity: "error", code: "IMAGE_NOT_FOUND", message: expect.stringContaining("r.example/a:none") },
    ]);
  });

  test("the message names both versions", () => {
    const [problem] = checkImage(image({ engines: ">=24.16.0", node: "22.23.3", openclawVersion: "2026.9.6" }));
    expect(problem?.message).toContain("2026.9.6 needs Node >=24.16.0, but the image has Node 22.23.3");
  });
});
