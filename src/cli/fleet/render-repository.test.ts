import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runFrota } from "../app.ts";
import type { CliContext } from "../context.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-render-"));
  await cp(join(import.meta.dirname, "../../render/testdata/everything"), root, { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

async function frota(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({ write: (text: string) => void (written[name] += text) });
  const context: CliContext = {
    process: { stdout: stream("stdout"), stderr: stream("stderr"), stdin: process.stdin, env: {}, exitCode: null },
    cwd: root,
    signal: new AbortController().signal,
  };
  const code = await runFrota(argv, context);
  return { code, ...written };
}

test("renders, then has nothing to do, and leaves unchanged files alone", async () => {
  expect(await frota("render", "--check")).toMatchObject({ code: 1, stderr: expect.stringContaining("run `frota render`") });
  expect(await readdir(root)).not.toContain("k8s");
  const first = await frota("render");
  expect(first).toMatchObject({ code: 0, stderr: "ok: 23 rendered files written or removed\n" });
  expect(first.stdout).toContain("added   full/k8s/deployment.yaml\n");
  const before = await stat(join(root, "full/k8s/deployment.yaml"));
  expect(await frota("render")).toEqual({ code: 0, stdout: "", stderr: "ok: rendered files are current\n" });
  expect((await stat(join(root, "full/k8s/deployment.yaml"))).mtimeMs).toBe(before.mtimeMs);
});

test("a change rewrites its files only; an agent that is gone takes its rendered files with it", async () => {
  await frota("render");
  await rm(join(root, "plain/agent.yaml"));
  const agent = await readFile(join(root, "full/agent.yaml"), "utf8");
  await writeFile(join(root, "full/agent.yaml"), agent.replace("25Gi", "20Gi"));
  const { stdout } = await frota("render", "-o", "json");
  const { changes }: { changes: { change: string; path: string }[] } = JSON.parse(stdout);
  expect(changes.filter(({ change }) => change !== "removed")).toEqual([{ change: "changed", path: "full/k8s/persistent-volume-claim.yaml" }]);
  expect(changes.filter(({ change }) => change === "removed").every(({ path }) => path.startsWith("plain/k8s/"))).toBe(true);
  expect(await readdir(join(root, "plain/k8s"))).toEqual([]);
});

test("an invalid repository is refused before anything is written", async () => {
  await writeFile(join(root, "full/agent.yaml"), "kind: Agent\nspce: {}\n");
  const { code, stdout } = await frota("render");
  expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
  expect(await readdir(root)).not.toContain("k8s");
});

test("--stdout prints what would be in the files, as documents of one stream, and writes nothing", async () => {
  const { code, stdout, stderr } = await frota("render", "--stdout");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(await readdir(root)).not.toContain("k8s");
  await frota("render");
  const documents = stdout.split(/^---\n# (.*)\n/m).slice(1);
  const printed = documents.flatMap((path, index) => (index % 2 === 0 ? [[path, documents[index + 1]]] : []));
  const files = await Promise.all(printed.map(async ([path = ""]) => [path, (await readFile(join(root, path), "utf8")).replace(/^#.*\n/, "")]));
  expect(printed).toEqual(files);
  expect(printed).toHaveLength(23);
});

test("of named agents only theirs: printed without the fleet's own, written without touching others' files", async () => {
  const printed = await frota("render", "plain", "--stdout");
  expect([...printed.stdout.matchAll(/^# (.*)\/k8s\//gm)].map(([, folder]) => folder)).toEqual(Array.from({ length: 8 }, () => "plain"));
  const { stdout } = await frota("render", "plain");
  expect(stdout.split("\n").filter((line) => !/^added {3}plain\/k8s\//.test(line))).toEqual([""]);
  expect(await frota("render", "plain", "--check")).toMatchObject({ code: 0 });
  // What is wrong with another agent's files is not in the way.
  await mkdir(join(root, "full/k8s"));
  await writeFile(join(root, "full/k8s/deployment.yaml"), "kind: Deployment\n");
  expect(await frota("render", "plain")).toMatchObject({ code: 0, stdout: "" });
  await rm(join(root, "full/k8s"), { recursive: true });
  expect(await frota("render", "full", "--check")).toMatchObject({ code: 1 });
  expect(await frota("render", "plian")).toMatchObject({ code: 2, stderr: expect.stringContaining("plain") });
});

test("--stdout goes with no other report", async () => {
  for (const flags of [["--check"], ["-o", "json"]]) {
    expect(await frota("render", "--stdout", ...flags)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("RENDER_ARGUMENTS") });
  }
});
