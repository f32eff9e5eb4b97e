import { runFrota } from "./app.ts";
import type { CliContext } from "./context.ts";

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());

const context: CliContext = {
  process: {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    exitCode: null,
  },
  cwd: process.env["FROTA_CWD"] ?? process.cwd(),
  signal: interrupt.signal,
};
process.exitCode = await runFrota(process.argv.slice(2), context);
