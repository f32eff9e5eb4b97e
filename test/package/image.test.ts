import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { run } from "./installed-frota.ts";

const ROOT = join(import.meta.dirname, "../..");
const dockerfile = await readFile(join(ROOT, "controller/Dockerfile"), "utf8");
const [buildStage = "", imageStage = ""] = dockerfile.split(/^FROM /m).slice(1);
let folder: string;

function instructions(text: string): string {
  return text.slice(text.indexOf("LABEL ")).trimEnd();
}

/** Does what the build stage does, with Docker's context and this machine's Node: its base image cannot be had everywhere. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-image-"));
  for (const [, words = ""] of buildStage.matchAll(/^COPY (.+)$/gm)) {
    const sources = words.split(" ");
    const target = sources.pop() ?? "";
    for (const source of sources) await cp(join(ROOT, source), join(folder, target, source.endsWith("/") ? "" : basename(source)), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  expect(buildStage).toContain("\nRUN node scripts/build.ts\n");
  await execa(process.execPath, ["scripts/build.ts"], { cwd: folder });
  await mkdir(join(folder, "fleet"));
  await cp(join(ROOT, "agents"), join(folder, "fleet"), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

test("builds from what is copied into it", async () => {
  expect(await run(process.execPath, ["bin/frota", "version"], { cwd: folder })).toMatchObject({ code: 0, stdout: `frota ${packageJson.version} (node ${process.versions.node})` });
});

test("works on the fleet repository that is mounted where it starts", async () => {
  expect(imageStage).toContain("\nWORKDIR /fleet\n");
  const { code, stderr } = await run(process.execPath, [join(folder, "bin/frota"), "check"], { cwd: join(folder, "fleet") });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^ok: 3 agents/) });
});

test("is the same but for its base as what a lab makes", async () => {
  const lab = await readFile(join(ROOT, "controller/lab.Dockerfile"), "utf8");
  expect(instructions(lab)).toBe(instructions(imageStage));
});
