import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { frota } from "./installed-frota.ts";

const folder = await mkdtemp(join(tmpdir(), "frota-new-fleet-"));
afterAll(() => rm(folder, { recursive: true }));

test("a fleet and an agent come from the package alone, and pass its checks", async () => {
  const acme = join(folder, "acme");
  expect(await frota(["init", "acme", "--image", "registry.example.com/acme/openclaw-agent"], { cwd: folder })).toMatchObject({ code: 0, stderr: "" });
  expect(await frota(["new", "Clóvis"], { cwd: acme })).toMatchObject({ code: 0, stderr: "" });
  expect(await frota(["check"], { cwd: acme })).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ok: 1 agent, 23 files, no errors, no warnings/) });
  expect(await frota(["render", "--check"], { cwd: acme })).toMatchObject({ code: 0 });
  const ours = join(import.meta.dirname, "../../agents/base/Dockerfile");
  expect(await readFile(join(acme, "base/Dockerfile"), "utf8")).toBe(await readFile(ours, "utf8"));
});
