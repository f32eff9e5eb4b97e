import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { heading, table } from "./page.ts";

const SOURCE = "src/cli/exit-code.ts";

/** docs/reference/exit-codes.md: what each exit code means, in the words of its source. */
export async function exitCodesPage(root: string): Promise<string> {
  const text = await readFile(join(root, SOURCE), "utf8");
  const rows = [...text.matchAll(/\/\*\* (.+?) \*\/\n\s+(\w+): (\d+),/g)].map(([, meaning = "", name = "", number = ""]) => [number, name, meaning]);
  return [
    heading("Exit codes", SOURCE),
    "They are part of the interface: scripts may rely on them.",
    "",
    table(["Code", "Name", "Meaning"], rows),
    "",
    "Which of them a command uses for what is in its help: [command line](cli.md).",
    "",
  ].join("\n");
}
