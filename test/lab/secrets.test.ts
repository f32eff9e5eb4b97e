import { randomBytes } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { eventually, fleetReady, frota, layoutOf, object, podOf, processEnvironment } from "./lab.ts";

/** Not like any provider's token, so that nothing masks it because of its shape. */
const value = `planted-${randomBytes(16).toString("hex")}`;
let said = "";

async function run(argv: readonly string[], input?: string) {
  const result = await frota(argv, input === undefined ? {} : { input });
  said += result.stdout + result.stderr;
  return result;
}

async function secretValue(): Promise<string> {
  const secret = await object<{ data: Record<string, string> }>("secret", "clovis-env");
  return Buffer.from(secret.data["GITHUB_TOKEN"] ?? "", "base64").toString("utf8");
}

/** Files of a folder that hold the planted value. */
async function filesWithValue(folder: string): Promise<readonly string[]> {
  const { stdout } = await eventually("grep to read everything", 60, async () => {
    const found = await execa("grep", ["-rlaF", "-f", "-", folder], { input: value, reject: false });
    // A log that is rotated at this moment has another name when grep opens it.
    return found.exitCode === 0 || found.exitCode === 1 ? found : undefined;
  });
  return stdout.split("\n").filter((line) => line !== "");
}

async function commandLinesWithValue(): Promise<readonly string[]> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(value));
}

beforeAll(() => fleetReady(["clovis"]));

describe("a secret's way from the keyboard into the process", () => {
  test("frota secrets set brings the value into the Secret within seconds and names the process that has the old one", async () => {
    const pod = await podOf("clovis");
    const began = performance.now();
    const { code, stdout } = await run(["secrets", "set", "clovis", "GITHUB_TOKEN"], `${value}\n`);
    expect(code).toBe(0);
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(await secretValue()).toBe(value);
    expect(stdout).toContain(`still running with the older value: ${pod.metadata.name}`);
    expect((await processEnvironment("clovis"))["GITHUB_TOKEN"]).not.toBe(value);
  });

  test("frota secrets status finds the chain broken at the process, because an environment is read only at a start", async () => {
    const { code, stdout } = await run(["secrets", "status", "clovis", "-o", "json"]);
    expect(code).toBe(1);
    const [chain] = JSON.parse(stdout) as { links: { link: string; state: string }[] }[];
    const states = Object.fromEntries((chain?.links ?? []).map(({ link, state }) => [link, state]));
    expect(states).toMatchObject({ vault: "ok", sync: "ok", secret: "ok" });
    expect(states["process"]).not.toBe("ok");
  });

  test("frota secrets set --restart gives a process with the newest value, and the chain is whole", async () => {
    const before = await podOf("clovis");
    const newest = `${value}-2`;
    const { code, stderr } = await run(["secrets", "set", "clovis", "GITHUB_TOKEN", "--restart"], `${newest}\n`);
    expect(code, stderr).toBe(0);
    expect((await podOf("clovis")).metadata.uid).not.toBe(before.metadata.uid);
    expect((await processEnvironment("clovis"))["GITHUB_TOKEN"]).toBe(newest);
    expect((await run(["secrets", "status", "clovis"])).code).toBe(0);
  });

  test("the value is in no output, no log file and no command line: it is only where it belongs", async () => {
    expect(said).not.toContain(value);
    const layout = layoutOf();
    expect(await filesWithValue(layout.logs)).toEqual([]);
    expect(await commandLinesWithValue()).toEqual([]);
    const published = ["status", "diff", "doctor"].map((verb) => frota([verb, "-o", "json"]));
    for (const { stdout, stderr } of await Promise.all(published)) expect(stdout + stderr).not.toContain(value);
  });
});
