import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frota, PATH } from "./installed-frota.ts";

/** How a shell is started so that it reads nothing of the user's, and where the script belongs. */
const SHELLS = {
  bash: { start: "bash --norc --noprofile -i", setUp: 'PS1="> "; source <(frota completion bash)' },
  zsh: { start: "zsh -f -i", setUp: 'PS1="> "; autoload -Uz compinit; compinit -D -u; source <(frota completion zsh)' },
  fish: { start: "fish --no-config -i", setUp: "frota completion fish | source" },
} as const;

type ShellName = keyof typeof SHELLS;

let home: string;
let fleet: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "frota-shells-"));
  fleet = join(home, "fleet");
  await cp(join(import.meta.dirname, "../../agents"), fleet, { recursive: true });
  await mkdir(join(fleet, "elsewhere"));
  await writeFile(join(home, "kubeconfig"), "contexts: [{name: 'arn:aws:eks:eu-west-1:1:cluster/staging', context: {cluster: there, user: me}}]\n");
});
afterAll(() => rm(home, { recursive: true }));

function isInstalled(shell: ShellName): boolean {
  try {
    execFileSync("which", [shell, "script"]);
    return true;
  } catch {
    return false;
  }
}

const TAB = "\t";
/** To the line's beginning. */
const CONTROL_A = "\u0001";

/**
 * Types lines in a shell's terminal, completes the end of each, and gives the lines that then stand there, without a slash at their end:
 * zsh takes it back when something else than a path is typed next.
 */
async function completed(shell: ShellName, lines: readonly string[]): Promise<string[]> {
  const { start, setUp } = SHELLS[shell];
  const terminal = execa("script", ["--quiet", "--flush", "--command", start, "/dev/null"], {
    cwd: fleet,
    env: { PATH, HOME: home, TERM: "xterm", KUBECONFIG: join(home, "kubeconfig"), LANG: "C.UTF-8" },
    extendEnv: false,
    reject: false,
    timeout: 50_000,
  });
  let seen = "";
  terminal.stdout.on("data", (chunk: Buffer) => (seen += chunk.toString()));
  const ended = once(terminal.stdout, "close").then(() => true);
  const says = async (mark: RegExp) => {
    for (let found = mark.exec(seen); ; found = mark.exec(seen)) {
      if (found) return found[1] ?? "";
      const hasEnded = await Promise.race([ended, once(terminal.stdout, "data").then(() => false)]);
      if (hasEnded) throw new Error(`${shell} ended: ${seen}`);
    }
  };
  // The quotes make what is typed differ from what is printed.
  terminal.stdin.write(`${setUp}; echo rea''dy\n`);
  await says(/^ready\r?$/m);
  const results: string[] = [];
  for (const [index, line] of lines.entries()) {
    terminal.stdin.write(`${line}${TAB}${CONTROL_A}echo li''ne-${index}: \n`);
    results.push(await says(new RegExp(`^line-${index}: (.*?)/?\\s*\\r?$`, "m")));
  }
  terminal.stdin.write("exit\n");
  await terminal;
  return results;
}

const COMPLETIONS = [
  // A command, an agent, a flag, its value, the same after its sign, a context with colons, a folder.
  ["frota versi", "frota version"],
  ["frota logs rob", "frota logs roberval"],
  ["frota logs --foll", "frota logs --follow"],
  ["frota check -o js", "frota check -o json"],
  ["frota check --output=js", "frota check --output=json"],
  ["frota status --context arn:aws", "frota status --context arn:aws:eks:eu-west-1:1:cluster/staging"],
  ["frota status --context=arn:aws", "frota status --context=arn:aws:eks:eu-west-1:1:cluster/staging"],
  ["frota check --repo elsew", "frota check --repo elsewhere"],
  ["frota check --repo=elsew", "frota check --repo=elsewhere"],
] as const;

describe.each(Object.keys(SHELLS) as ShellName[])("%s", (shell) => {
  test.skipIf(!isInstalled(shell))("completes commands, agents, flags, values and folders", async () => {
    expect(await completed(shell, COMPLETIONS.map(([typed]) => typed))).toEqual(COMPLETIONS.map(([, whole]) => whole));
  });
});

test("each script says where it belongs", async () => {
  for (const shell of Object.keys(SHELLS)) {
    const { code, stdout } = await frota(["completion", shell], { cwd: home });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^#( .* for| *compdef)/);
    expect(stdout).toContain(`frota completion ${shell}`);
  }
});
