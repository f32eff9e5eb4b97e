import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { acquire } from "../../src/lab/components/acquire.ts";
import { ACQUIRE_CONTEXT } from "../api/binaries.ts";
import { BIN, run } from "./installed-frota.ts";

let fleet: string;
let program: string;

beforeAll(async () => {
  const { files } = await acquire("kubernetes", ACQUIRE_CONTEXT);
  program = files["kubectl"] ?? "";
  fleet = await mkdtemp(join(tmpdir(), "frota-plugin-"));
  await cp(join(import.meta.dirname, "../../agents"), fleet, { recursive: true });
}, 600_000);
afterAll(() => rm(fleet, { recursive: true }));

const kubectl = (...words: readonly string[]) => run(program, words, { cwd: fleet });

test("kubectl finds the plug-in", async () => {
  const { code, stdout } = await kubectl("plugin", "list");
  expect(code).toBe(0);
  expect(stdout.split("\n")).toContain(join(BIN, "kubectl-frota"));
});

test("kubectl frota is frota", async () => {
  expect(await kubectl("frota", "version")).toMatchObject({ code: 0, stdout: `frota ${packageJson.version} (node ${process.versions.node})` });
  expect(await kubectl("frota", "check", "clovis")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ok: 3 agents/) });
});

test("its usage says what to type", async () => {
  const { stdout } = await kubectl("frota", "restart", "--help");
  expect(stdout).toMatch(/^USAGE\n {2}kubectl frota restart /);
});

test("kubectl completes its words", async () => {
  const agents = await kubectl("__complete", "frota", "logs", "");
  expect(agents.stdout.split("\n")).toEqual(["clementina", "clovis", "roberval", ":4"]);
  const flags = await kubectl("__complete", "frota", "logs", "--fol");
  expect(flags.stdout).toMatch(/^--follow\tGo on with new lines/);
});
