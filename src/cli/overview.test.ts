import { expect, test } from "vitest";
import { runCli } from "../../test/api/cli-run.ts";

const frota = (...argv: string[]) => runCli(argv, { cwd: ".", env: {} });

test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j shows every command under a subject, on one line of 80 columns", async (argv) => {
  const { code, stdout } = await frota(...argv);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Fleets of OpenClaw agents/);
  expect(stdout, "each command has a subject").not.toContain("\nOther\n");
  const lines = stdout.trimEnd().split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.filter((line) => line.startsWith("   ")), "a second line of a description").toEqual([]);
});

test("`help COMMAND` is its --help", async () => {
  expect(await frota("help", "rollout", "undo")).toEqual(await frota("rollout", "undo", "--help"));
});

test("kubectl's plug-in calls itself by the name that kubectl calls it", async () => {
  const { stdout } = await runCli([], { cwd: ".", env: { FROTA_PROGRAM: "kubectl frota" } });
  expect(stdout).toContain("kubectl frota COMMAND --help");
});
