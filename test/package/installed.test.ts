import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { BIN, frota, PACKAGE, run } from "./installed-frota.ts";

const VERSION = `frota ${packageJson.version} (node ${process.versions.node})`;
let folder: string;
let fleet: string;
/** PATH with a shell and what bin/frota calls, and no Node. */
let bare: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-elsewhere-"));
  fleet = join(folder, "fleet");
  await cp(join(import.meta.dirname, "../../agents"), fleet, { recursive: true });
  bare = join(folder, "bare");
  await mkdir(bare);
  for (const program of ["sh", "readlink"]) await symlink(join("/usr/bin", program), join(bare, program));
});
afterAll(() => rm(folder, { recursive: true }));

describe("frota, installed", () => {
  test("starts in a folder that is no repository, quickly", async () => {
    const times: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const began = performance.now();
      expect(await frota(["version"], { cwd: folder })).toEqual({ code: 0, stdout: VERSION, stderr: "" });
      times.push(performance.now() - began);
    }
    const [fastest = 0, , median = 0] = times.toSorted((one, other) => one - other);
    process.stderr.write(`frota version: ${fastest.toFixed(0)} ms at best, ${median.toFixed(0)} ms median of 5\n`);
    expect(fastest).toBeLessThan(1000);
  });

  test("shows its commands", async () => {
    const { code, stdout } = await frota(["--help"], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain("\n  start  ");
  });

  test("checks and renders a fleet repository", async () => {
    const check = await frota(["check"], { cwd: fleet });
    expect(check).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ok: 3 agents/) });
    expect(await frota(["render", "--check"], { cwd: fleet })).toMatchObject({ code: 0 });
    expect(await frota(["check"], { cwd: folder })).toMatchObject({ code: 2, stderr: expect.stringContaining("NO_REPOSITORY") });
  });

  test("says what this machine lacks for the lab", async () => {
    const { code, stdout } = await frota(["doctor"], { cwd: fleet });
    expect([0, 1]).toContain(code);
    expect(stdout).toMatch(/^This machine, for the lab\n/);
    expect(stdout).toMatch(/the lab is not up, and no cluster is named/);
  });

  test("prints the controller's manifests, which name its definitions", async () => {
    const { code, stdout } = await frota(["controller", "install", "--manifests", "--image", "example.com/frota-controller@sha256:".padEnd(100, "0")], { cwd: fleet });
    expect(code).toBe(0);
    expect(stdout).toContain("kind: CustomResourceDefinition");
  });
});

describe("without the right Node", () => {
  test("it says that there is none", async () => {
    const { code, stderr } = await frota(["version"], { cwd: folder, env: { PATH: bare } });
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/^error NODE_MISSING: frota needs Node 24\.15 or later, and there is no node on PATH\n {2}next: /) });
  });

  test("it says that it is too old", async () => {
    const pretend = join(folder, "older.mjs");
    await writeFile(pretend, 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });\n');
    const { code, stderr } = await frota(["version"], { cwd: folder, env: { NODE_OPTIONS: `--import=${pretend}` } });
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/^error NODE_TOO_OLD: frota needs Node 24\.15 or later, and \S+ is Node 20\.20\.2\n {2}next: /) });
  });

  test("it takes the one that npm installed with it", async () => {
    const own = join(PACKAGE, "node_modules", ".bin");
    await mkdir(own, { recursive: true });
    await symlink(process.execPath, join(own, "node"));
    expect(await run(join(BIN, "frota"), ["version"], { cwd: folder, env: { PATH: bare } })).toEqual({ code: 0, stdout: VERSION, stderr: "" });
    await rm(join(PACKAGE, "node_modules"), { recursive: true });
  });
});
