import { runFrota } from "./app.ts";
import type { CliContext } from "./context.ts";

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());

const context: CliContext = {
  process: process as CliContext["process"],
  cwd: process.env["FROTA_CWD"] ?? process.cwd(),
  signal: interrupt.signal,
};
process.exitCode = await runFrota(process.argv.slice(2), context);
