import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../api/cli-run.ts";
import { blocks, documents, frotaArguments, shellCommands } from "./documents.ts";

const folder = await mkdtemp(join(tmpdir(), "frota-guide-"));
afterAll(() => rm(folder, { recursive: true }));

/** The commands of a page that ask no cluster, and where it goes from folder to folder. */
function offline(page: string): (readonly string[])[] {
  const all = documents().filter(({ path }) => path === `docs/guide/${page}`).flatMap(blocks).filter(({ language }) => language === "sh").flatMap(shellCommands);
  return all.map(({ words }) => words).filter((words) => words[0] === "cd" || /^(init|new|render|check)$/.test(frotaArguments(words)?.[0] ?? ""));
}

test("the pages on a new fleet and a new agent work line by line in an empty folder", async () => {
  const lines = [...offline("new-fleet.md"), ...offline("new-agent.md")];
  expect(lines.length).toBeGreaterThanOrEqual(7);
  // The page begins in a checkout of this project, and leaves it.
  let cwd = join(folder, "checkout");
  for (const words of lines) {
    if (words[0] === "cd") cwd = join(cwd, words[1] ?? "");
    else expect(await runCli(frotaArguments(words) ?? [], { cwd, env: {} }), words.join(" ")).toMatchObject({ code: 0 });
  }
  expect(await runCli(["check", "-o", "json"], { cwd, env: {} })).toMatchObject({ code: 0, stdout: expect.stringMatching(/"ana-julia",\s+"clovis"/) });
});
