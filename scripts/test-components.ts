// Runs the Go tests of the lab's own services, with the tool chain and the settings that they are built with.
import { join } from "node:path";
import type { AcquireContext } from "../src/lab/components/component.ts";
import { runGo } from "../src/lab/components/go-build.ts";
import { acquirePackages } from "../src/lab/components/packages.ts";
import { PACKAGE_ROOT } from "../src/lab/package-root.ts";

const context: AcquireContext = { env: process.env, signal: AbortSignal.timeout(1_800_000), progress: (text) => console.error(text) };
// Network namespaces are root's; with them the rules are tried in the kernel, by the distribution's programs.
if (process.getuid?.() === 0) await acquirePackages(context);
await runGo(
  { component: "storage-provisioner", module: join(PACKAGE_ROOT, "lab", "services") },
  { arguments: ["test", "./..."], onLine: (line) => console.log(line) },
  context,
);
