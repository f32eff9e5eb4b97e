import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { componentsFolder } from "../../src/lab/components/cache.ts";
import { installPacked } from "../package/packed-installation.ts";
import { labEnvironment, TEST_LAB } from "./lab.ts";

/** Beside the lab of the checkout, and with all data elsewhere; only what is built and downloaded is shared. */
const LAB = `${TEST_LAB}-installed`;
const INIT = [
  "--namespace helpers --image registry.acme.example/acme/agent --storage-class acme-block --volume-size 25Gi",
  "--node-pool workers --node-pool-label acme.example/pool --vault-path acme --vault-role acme --agent Luna --yes",
].flatMap((line) => line.split(" "));

let folder: string;
let fleet: string;
let bin: string;

/** As in the shell of a user who has the package, and no checkout. */
async function frota(words: readonly string[], cwd = fleet) {
  const kept = Object.entries(labEnvironment(LAB)).filter(([name]) => !/^npm_|^INIT_CWD$/.test(name));
  const env = {
    ...Object.fromEntries(kept),
    PATH: [bin, dirname(process.execPath), "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(":"),
    XDG_DATA_HOME: join(folder, "data"),
  };
  const { exitCode, stdout, stderr } = await execa("frota", words, { cwd, env, extendEnv: false, reject: false, stdin: "ignore" });
  return { code: exitCode, stdout, stderr };
}

/** What it prints; throws with everything that it said when it fails. */
async function must(words: readonly string[], cwd = fleet): Promise<string> {
  const { code, stdout, stderr } = await frota(words, cwd);
  if (code !== 0) throw new Error(`frota ${words.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Names of what the lab is made of, with the hash of what each was made from. */
async function components(): Promise<string[]> {
  return (await readdir(componentsFolder(labEnvironment()))).filter((name) => name !== "logs").sort();
}

/** Command lines of processes that have to do with the folder. */
async function processes(): Promise<string[]> {
  const lines = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  return (await Promise.all(lines)).filter((line) => line.includes(folder)).map((line) => line.replaceAll("\0", " "));
}

/** When the agent's first process began, in clock ticks since the machine's start. */
function processStart(): Promise<string> {
  return must(["shell", "luna", "--", "cut", "-d", " ", "-f", "22", "/proc/1/stat"]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-installed-"));
  const { installed } = await installPacked(folder);
  bin = join(installed, "node_modules", ".bin");
  fleet = join(folder, "work", "acme");
  await mkdir(dirname(fleet));
});

afterAll(async () => {
  await frota(["lab", "down", "--purge", LAB], folder);
  await rm(folder, { recursive: true });
});

test("a fleet that init makes comes alive in a lab which the package alone brings up, of the components that the checkout's lab has", async () => {
  await must(["init", "acme", ...INIT], dirname(fleet));
  const before = await components();

  const said = await must(["start"]);

  expect(said).toMatch(/^luna +yes +Ready .* Bound 25Gi$/m);
  // What to type next works here: npx would ask npm's registry.
  expect(said).toMatch(/^ {2}frota chat luna /m);
  expect(said).not.toContain("npx");
  expect(await components()).toEqual(before);
  expect(await must(["lab", "status"])).toContain(`Lab ${LAB} runs at `);
  expect(await must(["doctor"])).toContain("Nothing that is needed is missing");
  expect(await must(["image", "build"])).toMatch(/^registry\.acme\.example\/acme\/agent:latest@sha256:/);
});

test("an agent is talked to, and after a restart knows what was said", async () => {
  expect(await must(["chat", "luna", "The harbor is called Porto Belo"])).toContain("You said: ");
  const before = await processStart();

  await must(["restart", "luna"]);

  expect(await processStart()).not.toBe(before);
  expect(await must(["chat", "luna", "What did I say?"])).toMatch(/I remember 1 earlier message of yours.*The harbor is called Porto Belo/);
  expect(await must(["logs", "luna", "--tail", "5"])).not.toBe("");
});

test("a secret goes from the lab's Vault into the agent", async () => {
  expect(await must(["secrets", "list", "luna"])).toContain("GEMINI_API_KEY");
  expect(await must(["secrets", "status", "luna"])).toMatch(/^luna +ok$/m);
});

test("outside of the repository, what needs only the cluster works, and what needs more says so", async () => {
  expect(await must(["status", "-n", "helpers"], folder)).toMatch(/^luna +yes +Ready /m);
  expect(await must(["image", "digest", "registry.acme.example/acme/agent:latest"], folder)).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await frota(["status"], folder)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error NO_NAMESPACE.*\n {2}next: name it with -n NAMESPACE/) });
  expect(await frota(["secrets", "status"], folder)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error NO_REPOSITORY/) });
});

test("taken down with its data, nothing of it is left", async () => {
  await must(["lab", "down", "--purge", LAB]);
  expect(existsSync(join(folder, "data", "frota", "labs", LAB))).toBe(false);
  expect(await processes()).toEqual([]);
  expect(await frota(["status"])).toMatchObject({ code: 2, stderr: expect.stringContaining("NO_CLUSTER") });
});
