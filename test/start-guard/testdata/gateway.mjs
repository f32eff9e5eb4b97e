// Stands in for `openclaw gateway run`: leaves a long-lived child behind, as an agent's tools do, says that it runs,
// and on SIGTERM says so before it exits.
import { spawn } from "node:child_process";

const tool = spawn("sleep", ["600"], { stdio: "ignore", detached: true });
process.on("SIGTERM", () => {
  process.stdout.write("gateway drained\n", () => process.exit(0));
});
process.stdout.write(`gateway ${process.pid} runs, tool ${tool.pid}, args ${process.argv.slice(2).join(" ")}\n`);
setInterval(() => {}, 60_000);
