import { COMPLETE, runFrota } from "./app.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";

const interrupt = new AbortController();
// Not `once`: a listener must remain, or a library that ends child processes ends this one too. A second Ctrl-C does.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  });
}

// Whoever reads the output (`| head`) may have enough of it.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT.ok);
  });
}

// A terminal that nobody told its size (`script`, `docker run -t` without one of its own) says 0.
for (const output of [process.stdout, process.stderr]) {
  if (output.columns === 0) output.columns = 80;
}

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
// A name server that does not answer would hold the process, and the shell that waits for it, for seconds.
if (process.argv[2] === COMPLETE) process.exit();
