import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runFrota } from "../app.ts";
import type { CliContext } from "../context.ts";

const IMAGE = "registry.example.com/acme/openclaw-agent";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-init-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs a command line in `folder` below the test's own, without a terminal. */
async function frotaIn(folder: string, ...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({ write: (text: string) => void (written[name] += text) });
  const context: CliContext = {
    process: { stdout: stream("stdout"), stderr: stream("stderr"), stdin: new PassThrough(), env: {}, exitCode: null },
    cwd: join(root, folder),
    signal: new AbortController().signal,
  };
  const code = await runFrota(argv, context);
  return { code, ...written };
}

const frota = (...argv: readonly string[]) => frotaIn("", ...argv);

async function everything(folder = ""): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(join(root, folder).length + 1)).sort();
}

const read = (path: string) => readFile(join(root, path), "utf8");

describe("a new fleet", () => {
  test("in a folder that is not there yet: checked and rendered at once, and told what is next", async () => {
    const { code, stdout, stderr } = await frota("init", "acme", "--image", IMAGE, "--agent", "Clóvis");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Fleet acme is in acme\/: 23 files, checked\n/);
    expect(stdout).toContain("  cd acme\n  git init\n");
    expect((await frota("init", "My Fleet", "--image", IMAGE)).stdout).toContain("  cd 'My Fleet'\n");
    expect(stdout).toContain("| frota secrets set clovis OPENCLAW_GATEWAY_TOKEN\n  frota secrets set clovis GEMINI_API_KEY\n");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const files = await everything("acme");
    expect(files.filter((path) => !path.includes("k8s/"))).toEqual([
      ".github/workflows/base-image.yaml",
      ".gitignore",
      "README.md",
      "base/Dockerfile",
      "base/check-image.mjs",
      "clovis/agent.yaml",
      "clovis/workspace/IDENTITY.md",
      "fleet.yaml",
    ]);
    for (const folder of ["acme", "acme/clovis/k8s", "acme/base"]) {
      expect(await frotaIn(folder, "check")).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/^ok: 1 agent, 23 files, no errors, no warnings /) });
      expect(await frotaIn(folder, "render", "--check")).toMatchObject({ code: 0, stdout: "" });
    }
  });

  test("in the folder of an empty Git repository, named after it", async () => {
    await mkdir(join(root, "Équipe Bleue/.git"), { recursive: true });
    const { code, stdout } = await frotaIn("Équipe Bleue", "init", "--image", IMAGE, "--public-image", "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ fleet: "equipe-bleue", namespace: "equipe-bleue", agents: [], kept: [], written: expect.arrayContaining(["fleet.yaml", ".github/workflows/base-image.yaml"]) });
    expect(await read("Équipe Bleue/fleet.yaml")).not.toContain("pullSecrets");
  });

  test("one folder down in a Git repository: the workflow goes to its root, .gitignore stays as it was", async () => {
    await mkdir(join(root, ".git"));
    await writeFile(join(root, ".gitignore"), "theirs\n");
    const { code, stdout } = await frota("init", "deploy/agents", "--name", "acme", "--image", IMAGE);
    expect(code).toBe(0);
    expect(stdout).toContain("Kept as it was: .gitignore\n");
    expect(stdout).not.toContain("git init");
    expect(await read(".gitignore")).toBe("theirs\n");
    expect(await read(".github/workflows/base-image.yaml")).toContain("context: deploy/agents/base\n");
    expect((await everything()).filter((path) => !/^(deploy\/agents|\.github\/workflows|\.git)/.test(path))).toEqual([]);
    expect(await frotaIn("deploy/agents/base", "check")).toMatchObject({ code: 0 });
  });

  test("names the schemas for editors where the repository has installed frota", async () => {
    await mkdir(join(root, "node_modules/frota/schemas"), { recursive: true });
    await mkdir(join(root, ".git"));
    await writeFile(join(root, "node_modules/frota/schemas/fleet.json"), "{}");
    await frota("init", "agents", "--name", "acme", "--image", IMAGE);
    expect(await frota("new", "ana")).toMatchObject({ code: 0 });
    expect(await read("agents/fleet.yaml")).toMatch(/^# yaml-language-server: \$schema=\.\.\/node_modules\/frota\/schemas\/fleet\.json\n/);
    expect(await read("agents/ana/agent.yaml")).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/node_modules\/frota\/schemas\/agent\.json\n/);
  });

  test("with every flag", async () => {
    const flags = "--namespace helpers --node-pool large --node-pool-label example.com/pool --storage-class fast --vault-address http://vault:8200 --vault-mount team --vault-path a/b --vault-role r --vault-ca-config-map ca --model anthropic/claude-opus-4-6 --secret GITHUB_TOKEN --pull-secret one --pull-secret two --agent ana --agent bia --volume-size 25Gi --canary bia --no-workflow --yes";
    expect(await frota("init", "x", "--name", "acme", "--image", "localhost:5000/acme/agent", ...flags.split(" "))).toMatchObject({ code: 0, stderr: "" });
    const text = await read("x/fleet.yaml");
    for (const part of ["namespace: helpers", "name: large\n    label: example.com/pool", "pullSecrets: [one, two]", "className: fast", "address: http://vault:8200\n    mount: team\n    path: a/b", "configMap: ca", "required: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY, GITHUB_TOKEN]", "canaries: [bia]"]) {
      expect(text).toContain(part);
    }
    expect(await read("x/bia/k8s/persistent-volume-claim.yaml")).toContain("storage: 25Gi");
    expect(await everything("x")).not.toContain(".github/workflows/base-image.yaml");
  });

  test.each([
    ["https://vault.vault.svc.cluster.local:8200", true],
    ["https://vault.tools.svc", true],
    ["http://vault.tools.svc:8200", false],
    ["https://vault.example.com", false],
  ])("whose Vault is %s needs its authority: %s", async (address, expected) => {
    expect(await frota("init", "x", "--image", IMAGE, "--vault-address", address)).toMatchObject({ code: 0 });
    expect((await read("x/fleet.yaml")).includes("configMap: vault-ca")).toBe(expected);
    expect((await read("x/README.md")).includes("create configmap vault-ca")).toBe(expected);
  });

  test("with a model whose key is not known here, says so", async () => {
    const { code, stderr } = await frota("init", "x", "--image", IMAGE, "--model", "ours/model-1");
    expect([code, stderr]).toEqual([0, expect.stringContaining("which key the model ours/model-1 needs is not known")]);
  });
});

describe("a fleet is refused, and nothing is written", () => {
  const flags = ["--image", IMAGE];

  test.each<[string, readonly string[], number, RegExp]>([
    ["without an image and without a terminal", ["init", "x"], 2, /INIT_ARGUMENTS: --image is missing[^]*next: for example: --image registry\.digitalocean\.com\/x\/openclaw-agent/],
    ["an image with a tag", ["init", "x", "--image", `${IMAGE}:latest`], 2, /FLAG_INVALID: --image is not valid: give registry and path without a tag/],
    ["an image without its registry", ["init", "x", "--image", "acme/agent"], 2, /FLAG_INVALID: --image/],
    ["a namespace that is no name", ["init", "x", ...flags, "--namespace", "Bots"], 2, /FLAG_INVALID: --namespace/],
    ["a reserved name for an agent", ["init", "x", ...flags, "--agent", "base"], 2, /INIT_INVALID: .*base\/ holds the image/],
    ["two agents of one name", ["init", "x", ...flags, "--agent", "Clóvis", "--agent", "clovis"], 4, /AGENT_EXISTS: two agents would be called clovis/],
    ["an agent without a letter", ["init", "x", ...flags, "--agent", "🍊"], 2, /AGENT_NAME_INVALID/],
    ["a size that is none", ["init", "x", ...flags, "--volume-size", "much"], 2, /FLAG_INVALID: --volume-size is not valid: give a size, such as 20Gi/],
    ["a size of no agent's volume", ["init", "x", ...flags, "--volume-size", "25Gi"], 2, /INIT_ARGUMENTS: --volume-size is the size of .*--agent names none\n {2}next: add --agent NAME, or .*frota new NAME --volume-size 25Gi\n/],
  ])("%s", async (_title, argv, code, message) => {
    const result = await frota(...argv);
    expect(result).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
    expect(await readdir(root)).toEqual([]);
  });

  test.each([
    ["a password in Vault's address", ["--vault-address", "https://user:hunter2@vault:8200"]],
    ["a value where a key's name belongs", ["--secret", "GITHUB_TOKEN=hunter2"]],
  ])("%s is not repeated", async (_title, given) => {
    const { code, stderr } = await frota("init", "x", ...flags, ...given);
    expect([code, stderr.includes("hunter2")]).toEqual([2, false]);
    expect(await readdir(root)).toEqual([]);
  });

  test("where files of it are", async () => {
    await mkdir(join(root, "x/base"), { recursive: true });
    await writeFile(join(root, "x/base/Dockerfile"), "FROM scratch\n");
    await writeFile(join(root, "x/README.md"), "theirs\n");
    const { code, stdout, stderr } = await frota("init", "x", ...flags);
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/FILES_EXIST: nothing was written, for it would overwrite base\/Dockerfile\n/);
    expect(await everything()).toEqual(["x/README.md", "x/base/Dockerfile"]);
  });

  test("where a fleet is, in the folder, above it or in its agents/", async () => {
    await frota("init", "agents", ...flags);
    const before = await everything();
    for (const folder of ["agents", "agents/inner", "."]) {
      expect(await frota("init", folder, ...flags)).toMatchObject({ code: 4, stderr: expect.stringMatching(/FLEET_EXISTS[^]*frota new NAME/) });
    }
    expect(await everything()).toEqual(before);
    expect(await frota("init", "beside", ...flags)).toMatchObject({ code: 0 });
  });

  test("where it cannot be written: what had been written is taken back", async () => {
    await writeFile(join(root, "k8s"), "a file where a folder belongs\n");
    expect(await frota("init", ".", "--name", "acme", ...flags)).toMatchObject({ code: 4, stderr: expect.stringMatching(/^error FILES_EXIST: .*k8s\n {2}next: .*taken back\n/) });
    expect(await readdir(root)).toEqual(["k8s"]);
  });
});

describe("a new agent", () => {
  beforeEach(async () => {
    await frota("init", ".", "--name", "acme", "--image", IMAGE);
  });

  test("from any folder of the repository; only its own files are new, and all is checked and rendered", async () => {
    const before = await everything();
    const { code, stdout, stderr } = await frotaIn("base", "new", "ana", "--secret", "GITHUB_TOKEN", "--volume-size", "25Gi");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Agent ana is in fleet acme: 9 files, checked\n\n {2}\.\.\/ana\/agent\.yaml /);
    expect(stdout).toContain("  frota secrets set ana GITHUB_TOKEN\n");
    expect(stdout).toContain("  frota apply ana\n  git add ../ana && git commit -m 'Add agent ana'\n");
    const added = (await everything()).filter((path) => !before.includes(path));
    expect(added.every((path) => path.startsWith("ana/"))).toBe(true);
    expect(await frota("check")).toMatchObject({ code: 0, stdout: "" });
    expect(await frota("render", "--check")).toMatchObject({ code: 0 });
    expect(await read("ana/k8s/persistent-volume-claim.yaml")).toContain("storage: 25Gi");
  });

  test.each([
    ["Clóvis", [], "clovis", "Clóvis"],
    ["Ana Júlia", [], "ana-julia", "Ana Júlia"],
    ["ana", ["--display-name", "Ana, a do suporte"], "ana", "Ana, a do suporte"],
  ])("%s %j is %s to Kubernetes, and keeps what people call it", async (typed, given, name, displayName) => {
    const { code, stdout } = await frota("new", typed, ...given, "--purpose", "Answers customers.", "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ agent: name, displayName, secrets: ["OPENCLAW_GATEWAY_TOKEN", "GEMINI_API_KEY"] });
    expect(await read(`${name}/agent.yaml`)).toMatch(new RegExp(`^# ${displayName}: Answers customers\\.\\n`));
    expect(await read(`${name}/workspace/IDENTITY.md`)).toBe(`# Identity\n\n- **Name:** ${displayName}\n- **Role:** Answers customers.\n`);
    expect(await frota("check")).toMatchObject({ code: 0, stdout: "" });
  });

  test("with a model of its own needs the key of its provider, once", async () => {
    const { stdout } = await frota("new", "ana", "--model", "anthropic/claude-opus-4-6", "--secret", "GEMINI_API_KEY", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({ secrets: ["OPENCLAW_GATEWAY_TOKEN", "GEMINI_API_KEY", "ANTHROPIC_API_KEY"] });
    expect(await read("ana/agent.yaml")).toContain("required: [ANTHROPIC_API_KEY]\n");
  });

  test.each([
    ["groq/openai/gpt-oss-120b", "GROQ_API_KEY", "`frota shell ana -- openclaw plugins install @openclaw/groq-provider`"],
    ["xai/grok-4.7", "XAI_API_KEY", ""],
  ])("with a model whose provider OpenClaw may not bring: %s", async (model, key, advice) => {
    const { stdout, stderr } = await frota("new", "ana", "--model", model, "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({ secrets: expect.arrayContaining([key]) });
    if (advice === "") expect(stderr).not.toContain("plugins install");
    else expect(stderr).toContain(advice);
  });

  test("a warning does not keep it from being written", async () => {
    expect(await frota("new", "ana", "--volume-size", "9Gi")).toMatchObject({ code: 0, stderr: expect.stringContaining("warning STORAGE_SIZE: ana/agent.yaml:") });
  });

  test.each<[string, readonly string[], number, RegExp]>([
    ["one that is there", ["ana"], 4, /AGENT_EXISTS[^]*at: ana\/agent\.yaml/],
    ["one that is there, by its display name", ["Ána"], 4, /AGENT_EXISTS/],
    ["a reserved name", ["k8s"], 2, /AGENT_INVALID: .*k8s\/ holds the fleet's own objects/],
    ["a name without a letter", ["日本"], 2, /AGENT_NAME_INVALID[^]*--display-name '日本'/],
    ["a name that is too long", ["x".repeat(41)], 2, /AGENT_NAME_INVALID/],
    ["a line break in what stands in a comment", ["bia", "--purpose", "one\nspec: {}"], 2, /FLAG_INVALID: --purpose/],
    ["a value where a key's name belongs", ["bia", "--secret", "A=b"], 2, /SECRET_KEY_INVALID/],
  ])("is refused: %s", async (_title, argv, code, message) => {
    await frota("new", "ana");
    const before = await everything();
    expect(await frota("new", ...argv)).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
    expect(await everything()).toEqual(before);
  });

  test("files in its folder are not overwritten; a workspace that is there already becomes its own", async () => {
    await mkdir(join(root, "ana/workspace"), { recursive: true });
    await writeFile(join(root, "ana/workspace/IDENTITY.md"), "theirs\n");
    expect(await frota("new", "Ana")).toMatchObject({ code: 4, stderr: expect.stringContaining("overwrite ana/workspace/IDENTITY.md") });
    expect(await frota("new", "ana")).toMatchObject({ code: 0 });
    expect(await read("ana/k8s/config-map-workspace.yaml")).toContain("theirs");
    expect(await frota("check")).toMatchObject({ code: 0 });
  });

  test("is refused where the repository is not valid, or is none", async () => {
    await writeFile(join(root, "fleet.yaml"), "kind: Fleet\n");
    expect(await frota("new", "ana")).toMatchObject({ code: 4, stderr: expect.stringMatching(/^error REPOSITORY_INVALID: .*\n {2}at: fleet\.yaml:1:1\n/) });
    expect(await frota("new", "ana", "--repo", "/")).toMatchObject({ code: 2, stderr: expect.stringContaining("NO_REPOSITORY") });
  });
});

test("what no answer can mend is told before anything is asked", async () => {
  const { stderr } = await frota("init", "x", "--vault-role", "no role");
  expect(stderr).toMatch(/FLAG_INVALID: --vault-role/);
});

describe.skipIf(process.platform !== "linux")("on a terminal", { timeout: 30_000 }, () => {
  test("it asks for what no flag says; Enter takes what is offered", async () => {
    const { code, output } = await onTerminal(
      ["init", "acme", "--namespace", "helpers"],
      [
        ["Name of the fleet", "\r"],
        ["Registry and path", "acme/agent\r"],
        ["give registry and path without a tag", `\u0015${IMAGE}\r`],
        ["Node pool", " large \r"],
        ["Vault, as seen", "  \r"],
        ["A first agent", "Clóvis\r"],
      ],
    );
    expect([code, output]).toEqual([0, expect.stringContaining("Fleet acme is in acme/: 23 files, checked")]);
    expect(output).not.toContain("Namespace of its agents");
    expect(await read("acme/fleet.yaml")).toMatch(/ {2}nodePool:\n {4}name: large\n[^]* address: https:\/\/vault\.vault\.svc/);
    expect(await read("acme/clovis/agent.yaml")).toContain("# Clóvis: ");
  });

  test("a volume's size is for the agent that is asked for; where there is none, that is said", async () => {
    const flags = ["--name", "acme", "--namespace", "helpers", "--image", IMAGE, "--node-pool", "large", "--vault-address", "https://vault:8200", "--volume-size", "25Gi"];
    await onTerminal(["init", "one", ...flags], [["A first agent", "Ana\r"]]);
    expect(await read("one/ana/agent.yaml")).toContain("size: 25Gi");
    const none = await onTerminal(["init", "none", ...flags], [["A first agent", "\r"]]);
    expect(none.output).toContain("note: there is no first agent that --volume-size would be for: frota new NAME --volume-size 25Gi");
  });

  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("%s is no answer, and leaves nothing behind", async (_title, key) => {
    const { code, output } = await onTerminal(["init", "acme"], [["Name of the fleet", "\r"], ["Namespace of its agents", key]]);
    expect([code, output]).toEqual([130, expect.stringContaining("INTERRUPTED: interrupted; nothing was written")]);
    expect(await readdir(root)).toEqual([]);
  });
});

/** Runs the program on a terminal of its own; each of `answers` is typed once its question is there. */
async function onTerminal(argv: readonly string[], answers: readonly (readonly [question: string, keys: string])[]): Promise<{ code: number | null; output: string }> {
  const program = [process.execPath, join(import.meta.dirname, "../main.ts"), ...argv].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols 80 rows 24; ${program}`, "/dev/null"], { cwd: root, env: { ...process.env, TERM: "xterm", NO_COLOR: "1" }, timeout: 25_000 });
  let output = "";
  let seen = 0;
  const left = [...answers];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const [question, keys] = left[0] ?? [];
    if (question === undefined || !output.slice(seen).includes(question)) return;
    left.shift();
    seen = output.length;
    child.stdin.write(keys);
  });
  const [code]: (number | null)[] = await once(child, "close");
  return { code: code ?? null, output };
}
