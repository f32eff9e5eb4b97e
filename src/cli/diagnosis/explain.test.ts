import { describe, expect, test } from "vitest";
import { runCli } from "../../../test/api/cli-run.ts";
import { explainedCodes } from "../../spec/catalog/catalog.ts";
import { CODES_OF_REASONS } from "../../spec/catalog/kubernetes-reasons.ts";
import type { CliContext } from "../context.ts";
import { explain } from "./explain.ts";

const here = { cwd: "/", env: {} };

describe("frota explain", () => {
  test.each(["VAULT_SEALED", "vault_sealed", "[VAULT_SEALED]", "vault-sealed:"])("%s: cause and remedy, offline", async (written) => {
    const { code, stdout } = await runCli(["explain", written], here);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VAULT_SEALED {2}Vault, from here\n {2}cause: Vault restarted.+\n {2}remedy: `vault operator unseal`.+\n$/);
  });

  test.each([
    ["AGENT_STALED", "did you mean `AGENT_STALLED`?"],
    ["GATEWAY_CHAT", "one of these: GATEWAY_CHAT_CUT, GATEWAY_CHAT_DISABLED, GATEWAY_CHAT_FAILED"],
    ["NOTHING_LIKE_IT_AT_ALL", "next: `frota explain` lists all"],
    ["...", "frota has no code ..."],
    ["NotThereAtAll", "frota has no code NotThereAtAll\n"],
    ["FrotaNoLeader", "next: alerts of the controller are in docs/guide/runbooks.md"],
  ])("%s is no code: exit code 2 and what may be meant", async (written, said) => {
    const { code, stderr, stdout } = await runCli(["explain", written], here);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("error CODE_UNKNOWN");
    expect(stderr).toContain(said);
  });

  test("a word of Kubernetes: the codes that may be behind it, the likeliest first", async () => {
    const { code, stdout } = await runCli(["explain", "crashloopbackoff"], here);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CrashLoopBackOff is what kubectl shows; `frota doctor --agent NAME`.+\n\nCONFIGURATION_INVALID .+\n {2}cause: .+\n {2}remedy: .+\n\nGATEWAY_CRASHES /);
    expect(JSON.parse((await runCli(["explain", "OOMKilled", "-o", "json"], here)).stdout)).toMatchObject([{ code: "OUT_OF_MEMORY" }]);
  });

  test.each([
    ["137", /^Exit code 137 is what kubectl shows; [^]+\nOUT_OF_MEMORY /],
    ["exit code 78", /^Exit code 78 is what kubectl shows; [^]+\nCONFIGURATION_INVALID /],
    ["Multi-Attach error", /\nVOLUME_ATTACHED_ELSEWHERE /],
    ["MissingKeys", /\nSECRET_KEYS_MISSING /],
    ["RemovalHeld", /^REMOVAL_HELD /],
  ])("%s, as it stands in a pod, an Event or a condition", async (written, said) => {
    expect(await runCli(["explain", written], here)).toMatchObject({ code: 0, stdout: expect.stringMatching(said) });
  });

  test("every code behind a word of Kubernetes is one of the catalog", () => {
    const known = new Set(explainedCodes().map(({ code }) => code));
    expect(CODES_OF_REASONS.filter((code) => !known.has(code))).toEqual([]);
  });

  test("without a code lists all, by section, with why", async () => {
    const { stdout } = await runCli(["explain"], here);
    expect(stdout).toMatch(/^Agents\n {2}ADOPT_INVALID +Taken over together, the keys .+\.\n/);
    expect(stdout).toMatch(/^ {2}VAULT_SEALED +Vault restarted, or somebody sealed it[^.]+\.$/m);
    expect(stdout.split("\n").filter((line) => line.startsWith("  ")).length).toBeGreaterThan(200);
  });

  test("data for programs", async () => {
    const one = await runCli(["explain", "LAB_BUSY", "-o", "json"], here);
    expect(JSON.parse(one.stdout)).toMatchObject({ code: "LAB_BUSY", section: "The lab", cause: expect.any(String), remedy: expect.any(String) });
    const all: unknown = JSON.parse((await runCli(["explain", "-o", "json"], here)).stdout);
    expect(all).toContainEqual(expect.objectContaining({ code: "AGENT_STALLED" }));
  });

  test.each(["-ojson", "-o=json"])("%s, as kubectl takes it", async (flag) => {
    const { code, stdout } = await runCli(["explain", "LAB_BUSY", flag], here);
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ code: "LAB_BUSY" })]);
  });

  test("on a terminal every line fits, and stands below its label", async () => {
    const written: string[] = [];
    const stdout = { isTTY: true, columns: 60, write: (text: string) => void written.push(text) };
    // Explaining touches nothing else of its context.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const context = { process: { stdout, env: { NO_COLOR: "1" } } } as unknown as CliContext;
    await explain(context, {}, "REMOVAL_HELD");
    const lines = written.join("").trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.slice(1).filter((line) => line.length > 60 || !/^( {4}| {2}cause: | {2}remedy: )\S/.test(line))).toEqual([]);
  });
});
