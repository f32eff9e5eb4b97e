import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../../test/api/cli-run.ts";

const AGENTS = join(import.meta.dirname, "../../../agents");
const CONTEXTS = ["do-nyc1-production", "arn:aws:eks:eu-west-1:1:cluster/staging"];
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "frota-complete-"));
  const contexts = CONTEXTS.map((name) => `- {name: ${name}, context: {cluster: there, user: me}}`).join("\n");
  await writeFile(join(home, "kubeconfig"), `clusters: [{name: there, cluster: {server: "https://127.0.0.1:9"}}]\nusers: [{name: me, user: {token: none}}]\ncontexts:\n${contexts}\n`);
});
afterAll(() => rm(home, { recursive: true }));

/** What the shell is told, without descriptions. */
async function proposals(...words: readonly string[]): Promise<{ readonly values: string[]; readonly directive: string }> {
  const { code, stdout, stderr } = await runCli(["__complete", ...words], { cwd: AGENTS, env: { HOME: home, KUBECONFIG: join(home, "kubeconfig") } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n").map((line) => line.split("\t")[0] ?? "");
  return { values: lines.slice(0, -1), directive: lines.at(-1) ?? "" };
}

const AGENT_NAMES = ["clementina", "clovis", "roberval"];

describe("a word becomes", () => {
  test.each([
    ["a command", ["versio"], ["version"]],
    ["a subcommand", ["lab", "u"], ["up"]],
    ["an agent", ["logs", ""], AGENT_NAMES],
    ["an agent by its first letters", ["logs", "cl"], ["clementina", "clovis"]],
    ["an agent that is not there yet", ["restart", "clovis", ""], ["clementina", "roberval"]],
    ["the agent that gets a secret, but not its key", ["secrets", "set", "clovis", ""], []],
    ["a flag, where one was begun", ["logs", "--follo"], ["--follow"]],
    ["a flag's value", ["check", "-o", ""], ["json", "yaml"]],
    ["a flag's value after its sign", ["check", "--output=j"], ["--output=json"]],
    ["a context", ["status", "--context", ""], CONTEXTS],
    ["a context with colons", ["status", "--context=arn:aws"], [`--context=${CONTEXTS[1]}`]],
    ["the namespace of the repository", ["status", "-n", ""], ["bots"]],
    ["the agent to diagnose", ["doctor", "--agent", "rob"], ["roberval"]],
    ["a code", ["explain", "NODE_T"], ["NODE_TOO_OLD"]],
    ["a shell", ["completion", ""], ["bash", "zsh", "fish"]],
    ["nothing, where nothing is known", ["nonsense", ""], []],
    ["nothing, of a repository elsewhere", ["logs", "--repo", "/nowhere", ""], []],
  ])("%s", async (_, words, values) => {
    expect(await proposals(...words)).toEqual({ values, directive: ":4" });
  });

  test("a folder, which the shell itself knows", async () => {
    expect(await proposals("check", "--repo", "")).toEqual({ values: [], directive: ":16" });
    expect(await proposals("check", "--repo=../a")).toEqual({ values: [], directive: ":16" });
  });

  test("nothing that would not be taken", async () => {
    const { values } = await proposals("status", "-o", "");
    expect(values).toContain("wide");
    expect(values).toContain("json");
  });
});

test("commands and flags are described, in one line each", async () => {
  const { stdout } = await runCli(["__complete", ""], { cwd: AGENTS, env: {} });
  expect(stdout).toMatch(/^status\tShow how the agents are.*$/m);
  expect(stdout.trimEnd().split("\n").slice(0, -1).filter((line) => line.split("\t").length !== 2)).toEqual([]);
});

test("a cluster that does not answer is not waited for: the repository's agents are there", async () => {
  // Drops what is sent to it: an address for documentation.
  const kubeconfig = join(home, "silent");
  await writeFile(kubeconfig, `clusters: [{name: there, cluster: {server: "https://192.0.2.1:443"}}]\nusers: [{name: me, user: {token: none}}]\ncontexts: [{name: silent, context: {cluster: there, user: me}}]\n`);
  const began = performance.now();
  const { stdout } = await runCli(["__complete", "logs", "--context", "silent", ""], { cwd: AGENTS, env: { KUBECONFIG: kubeconfig } });
  expect(performance.now() - began).toBeLessThan(2000);
  expect(stdout).toBe(`${AGENT_NAMES.join("\n")}\n:4\n`);
});

test("folders of labs are known by name", async () => {
  await mkdir(join(home, ".local/share/frota/labs/trial"), { recursive: true });
  expect((await proposals("lab", "down", "--lab", "")).values).toEqual(["trial"]);
});
