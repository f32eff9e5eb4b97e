// Runs the Go tests of the lab's own services, with the tool chain and the settings that they are built with.
import { join } from "node:path";
import { runGo } from "../src/lab/components/go-build.ts";
import { PACKAGE_ROOT } from "../src/lab/package-root.ts";

await runGo(
  { component: "storage-provisioner", module: join(PACKAGE_ROOT, "lab", "services") },
  { arguments: ["test", "./..."], onLine: (line) => console.log(line) },
  { env: process.env, signal: AbortSignal.timeout(1_800_000), progress: (text) => console.error(text) },
);
