import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runFrota } from "../app.ts";
import type { CliContext } from "../context.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-check-"));
  await cp(join(import.meta.dirname, "../../../agents"), join(root, "agents"), { recursive: true });
  await frota("render");
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function frota(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const context: CliContext = {
    process: {
      stdout: { write: (text) => void (written.stdout += text) },
      stderr: { write: (text) => void (written.stderr += text) },
      stdin: new PassThrough(),
      env: {},
      exitCode: null,
    },
    cwd: root,
    signal: new AbortController().signal,
  };
  const code = await runFrota(argv, context);
  return { code, ...written };
}

function withSpec(spec: string): Promise<void> {
  const head = "apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata:\n  name: clovis\nspec:\n";
  return writeFile(join(root, "agents/clovis/agent.yaml"), head + spec);
}

test("nothing found: exit code 0, nothing on stdout, one line on stderr", async () => {
  const { code, stdout, stderr } = await frota("check");
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/^ok: 3 agents, \d+ files, no errors, no warnings \(\d+\.\d s\)\n$/);
});

test("findings as compilers tell them, with paths from where the command runs; exit code 1", async () => {
  await withSpec("  storge: {size: 9Gi}\n  resources: {limits: {cpu: 500m}}\n");
  const { code, stdout, stderr } = await frota("check");
  expect(stdout).toBe("agents/clovis/agent.yaml:6:3 error UNKNOWN_FIELD unknown field `storge` in `spec`\n  fix: did you mean `storage`?\n");
  expect([code, stderr.split(" (")[0]]).toEqual([1, expect.stringMatching(/^failed: 2 agents, \d+ files, 1 error, no warnings$/)]);
});

test("warnings alone pass", async () => {
  await withSpec("  storage: {size: 9Gi}\n");
  await frota("render");
  const { code, stdout } = await frota("check");
  expect([code, stdout.split(" the volume")[0]]).toEqual([0, "agents/clovis/agent.yaml:6:19 warning STORAGE_SIZE"]);
});

test("only the named agents' files and the fleet's", async () => {
  await withSpec("  storge: 1\n");
  expect((await frota("check", "roberval")).code).toBe(0);
  expect((await frota("check", "clovis", "roberval")).code).toBe(1);
});

test("-o json", async () => {
  await withSpec("  storge: 1\n");
  const { code, stdout } = await frota("check", "-o", "json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    valid: false,
    agents: ["clementina", "roberval"],
    diagnostics: [{ severity: "error", code: "UNKNOWN_FIELD", file: "agents/clovis/agent.yaml", line: 6, column: 3, fix: "did you mean `storage`?" }],
  });
});

test.each([
  ["an unknown agent", ["check", "clovs"], 2, /AGENT_UNKNOWN: .*clovs\n {2}next: did you mean `clovis`\?/],
  ["an agent like no other", ["check", "zebra"], 2, /AGENT_UNKNOWN: .*zebra\n {2}next: its agents: `[^`]+`/],
  ["no repository", ["check", "--repo", "nowhere"], 2, /NO_REPOSITORY/],
  ["an unknown flag", ["check", "--outptu", "json"], 2, /outptu/],
])("%s", async (_title, argv, expected, message) => {
  const { code, stdout, stderr } = await frota(...argv);
  expect([code, stdout]).toEqual([expected, ""]);
  expect(stderr).toMatch(message);
});
