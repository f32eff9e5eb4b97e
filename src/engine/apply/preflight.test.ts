import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import type { DeclaredAgent } from "./declared-fleet.ts";
import type { ImageFacts } from "../ports.ts";
import { preflight } from "./preflight.ts";

const IMAGE = "registry.example/agent:latest";
const DIGEST = `sha256:${"a".repeat(64)}`;

const deployment: Manifest = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "clovis", namespace: "bots" },
  spec: { template: { spec: { containers: [{ name: "openclaw", image: IMAGE }] } } },
};

const clovis: DeclaredAgent = {
  name: "clovis",
  objects: [deployment],
  secretPath: "agents/clovis",
  requiredSecrets: ["GITHUB_TOKEN", "GEMINI_API_KEY"],
  delivery: "start",
};

function claim(version?: string): Manifest {
  const annotations = version === undefined ? {} : { "frota.dev/openclaw-version": version };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "clovis-state", annotations } };
}

const images = (facts: Partial<ImageFacts> | undefined) => ({
  read: () => Promise.resolve(facts && { digest: DIGEST, ...facts }),
});
const keys = (...names: string[]) => ({ keys: () => Promise.resolve(names) });
const failing = (outcome: "failed" | "refused") => ({
  read: () => Promise.reject(new FrotaError({ code: "X", message: "no answer", next: "look", outcome })),
});

async function codes(readers: Parameters<typeof preflight>[2], version?: string): Promise<string[]> {
  const objects = [{ agent: "clovis", desired: claim(), live: claim(version) }];
  return (await preflight([clovis], objects, readers)).refusals.map(({ code }) => code);
}

describe("preflight", () => {
  test.each<[string, Parameters<typeof preflight>[2], string | undefined, string[]]>([
    ["nobody to ask", {}, undefined, []],
    ["all is there", { images: images({ openclawVersion: "2026.9.2" }), secrets: keys("GITHUB_TOKEN", "GEMINI_API_KEY") }, "2026.9.2", []],
    ["no such image", { images: images(undefined) }, undefined, ["IMAGE_NOT_FOUND"]],
    ["an image that cannot start", { images: images({ problem: "needs Node 24" }) }, undefined, ["IMAGE_ENGINE"]],
    ["an older OpenClaw than the state", { images: images({ openclawVersion: "2026.9.2" }) }, "2026.9.10", ["OPENCLAW_DOWNGRADE"]],
    ["a newer OpenClaw than the state", { images: images({ openclawVersion: "2026.9.10" }) }, "2026.9.2", []],
    ["an image that does not tell its OpenClaw", { images: images({}) }, "2026.9.2", []],
    ["a key that is missing", { secrets: keys("GITHUB_TOKEN") }, undefined, ["SECRET_KEYS_MISSING"]],
    ["nothing in Vault", { secrets: { keys: () => Promise.resolve(undefined) } }, undefined, ["SECRET_KEYS_MISSING"]],
  ])("%s", async (_title, readers, version, expected) => {
    expect(await codes(readers, version)).toEqual(expected);
  });

  test("missing keys are named with the commands that set them", async () => {
    const { refusals } = await preflight([clovis], [], { secrets: keys("GITHUB_TOKEN") });
    expect(refusals[0]).toMatchObject({
      message: "Vault has no GEMINI_API_KEY for clovis at agents/clovis",
      next: "frota secrets set clovis GEMINI_API_KEY",
    });
  });

  test("a registry that cannot tell is a warning; one that refuses ends it", async () => {
    const { refusals, warnings } = await preflight([clovis], [], { images: failing("failed") });
    expect(refusals).toEqual([]);
    expect(warnings).toEqual(["not checked beforehand: no answer (look)"]);
    await expect(preflight([clovis], [], { images: failing("refused") })).rejects.toMatchObject({ code: "X" });
  });
});
