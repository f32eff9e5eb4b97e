// Preloaded by a test: kills its process just before the CRASH_AT-th operation that changes the file system.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env["CRASH_AT"]);
const changing = new Set(["mkdirSync", "rmSync", "openSync", "writeFileSync", "fchmodSync", "fsyncSync", "renameSync", "chmodSync"]);
for (const [name, original] of Object.entries(fs)) {
  if (!changing.has(name) || typeof original !== "function") continue;
  Object.assign(fs, {
    [name]: (/** @type {unknown[]} */ ...args) => {
      left -= 1;
      if (left === 0) process.kill(process.pid, "SIGKILL");
      return Reflect.apply(original, fs, args);
    },
  });
}
syncBuiltinESMExports();
