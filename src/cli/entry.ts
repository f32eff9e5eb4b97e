import { FrotaError } from "../spec/error.ts";
import { isNodeRecent, OLDEST_NODE } from "../spec/node-version.ts";
import { writeError } from "./error-text.ts";
import { exitCodeOf } from "./exit-code.ts";

// What the program starts with: nothing here is in a language that an older Node does not read.
if (isNodeRecent(process.versions.node)) await import("./main.ts");
else {
  const error = new FrotaError({
    code: "NODE_TOO_OLD",
    message: `frota needs Node ${OLDEST_NODE} or later, and ${process.execPath} is Node ${process.versions.node}`,
    next: "install Node 24; on Linux npm brings it with frota, unless optional dependencies are left out",
    outcome: "refused",
  });
  writeError(error, process.stderr);
  process.exitCode = exitCodeOf(error);
}
