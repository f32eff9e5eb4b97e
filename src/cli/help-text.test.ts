import { describe, expect, test } from "vitest";
import { runCli } from "../../test/api/cli-run.ts";
import { helpText } from "./help-text.ts";

const HELP = `USAGE
  frota try <agent>
  frota try -h

Says how much of it there is, in a sentence that goes on in the
next line of its source.
Exit code 0: there is some.

Examples:
  frota try clovis   # with   spaces

FLAGS
     [--long-name]  What the flag is for, with a default                     [default = 60s]
     [--dry-run]    Write nothing                                            [default = false]
  -o [--output]     Print data for programs                                  [json|yaml]
  -h  --help        Print help information and exit

ARGUMENTS
  agent  An agent
`;

test.each([
  ["frota status <agent>...", "frota status [agent...]"],
  ["frota chat <agent message>...", "frota chat <agent> [message...]"],
  ["frota secrets set <agent KEY>...", "frota secrets set <agent> <KEY>"],
  ["frota open <agent>", "frota open <agent>"],
])("%s is told as %s", (line, told) => {
  expect(helpText(`USAGE\n  ${line}\n\nAbout.\n`, undefined, 80)).toBe(`USAGE\n  ${told}\n\nAbout.\n`);
});

test("help fits the screen: sentences are joined and wrapped, descriptions stay in their column, examples as they are", () => {
  expect(helpText(HELP, "Try an agent", 60)).toBe(`USAGE
  frota try <agent>
  frota try -h

Try an agent

Says how much of it there is, in a sentence that goes on in
the next line of its source.
Exit code 0: there is some.

Examples:
  frota try clovis   # with   spaces

FLAGS
     [--long-name]  What the flag is for, with a default
                    (default: 60s)
     [--dry-run]    Write nothing
  -o [--output]     Print data for programs [json|yaml]
  -h  --help        Print help information and exit

ARGUMENTS
  agent  An agent
`);
});

test("a sentence that is told already is not told twice", () => {
  expect(helpText("USAGE\n  frota lab up\n\nThe lab\n\nFLAGS\n  -h --help  Print help information and exit\n", "The lab", 80).match(/The lab/g)).toHaveLength(1);
});

describe("a command line that cannot be understood", () => {
  test.each([
    [["statsu"], "COMMAND_UNKNOWN: frota has no command statsu", "did you mean `status`? All: frota --help"],
    [["hlep"], "COMMAND_UNKNOWN: frota has no command hlep", "did you mean `help`? All: frota --help"],
    [["rollout", "undoo"], "COMMAND_UNKNOWN: frota rollout has no command undoo", "did you mean `undo`? All: frota rollout --help"],
    [["status", "--wacht"], "ARGUMENTS_INVALID: there is no flag --wacht", "did you mean `--watch`? All: frota status --help"],
    [["apply", "--dryrun"], "ARGUMENTS_INVALID: there is no flag --dryrun", "did you mean `--dry-run`? All: frota apply --help"],
    [["status", "-z"], "ARGUMENTS_INVALID: there is no flag -z", "frota status --help"],
    [["open"], "ARGUMENTS_INVALID: <agent> is missing", "frota open --help"],
    [["new", "a", "hunter2"], "ARGUMENTS_INVALID: too many arguments: the command takes 1", "frota new --help"],
    [["version", "clovis"], "ARGUMENTS_INVALID: the command takes no arguments", "frota version --help"],
    [["doctor", "clovis"], "ARGUMENTS_INVALID: the command takes no arguments", "did you mean `--agent NAME`? All: frota doctor --help"],
    [["freeze", "2h"], "ARGUMENTS_INVALID: the command takes no arguments", "did you mean `--for SPAN`? All: frota freeze --help"],
    [["freeze", "--for", "2"], "ARGUMENTS_INVALID: for: the unit is missing: 2 (write 2s, 2m or 2h)", "frota freeze --help"],
    [["logs", "clovis", "--since", "10"], "ARGUMENTS_INVALID: since: the unit is missing: 10 (write 10s, 10m or 10h)", "frota logs --help"],
    [["restart", "clovis", "--timeout", "900"], "ARGUMENTS_INVALID: timeout: the unit is missing: 900 (write 900s, 900m or 900h)", "frota restart --help"],
    [["freeze", "--end", "--reason", "x"], "FREEZE_UNCLEAR: --reason is shown while a freeze lasts, and --end ends it", "frota freeze --end"],
    [["suspend", "--all", "clovis"], "AGENTS_NOT_NAMED: the agents to suspend are chosen in more than one way", "either names, or -l, or --all"],
    [["freeze", "--for", "long"], "ARGUMENTS_INVALID: for: not a time span: long (write 90s, 15m or 1h30m)", "frota freeze --help"],
  ])("%j is told as every error is, with what to do next", async (argv, said, next) => {
    expect(await runCli(argv, { cwd: ".", env: {} })).toEqual({ code: 2, stdout: "", stderr: `error ${said}\n  next: ${next}\n` });
  });

  test("a group without a command prints the help that --help prints", async () => {
    const here = { cwd: ".", env: {} };
    const { code, stdout } = await runCli(["secrets"], here);
    expect([code, stdout]).toEqual([0, (await runCli(["secrets", "--help"], here)).stdout]);
    expect(stdout).toContain("  frota secrets list [agent...]\n");
  });

  test("asking for help is none, also behind words that say too little", async () => {
    expect(await runCli(["rollout", "start", "--help"], { cwd: ".", env: {} })).toMatchObject({ code: 0, stdout: expect.stringContaining("\n\nRoll an image out again"), stderr: "" });
  });
});
