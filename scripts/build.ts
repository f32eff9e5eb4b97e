// Bundles the command line into dist/: one small file that loads, and chunks loaded when a command needs them.
// A stale bundle stays usable until the new one is whole.
import { rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const fresh = `${root}dist.${process.pid}`;

await build({
  absWorkingDir: root,
  entryPoints: { frota: "src/cli/main.ts" },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minify: true,
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
  // Bundled CommonJS packages call require.
  banner: { js: 'import { createRequire as frotaRequire } from "node:module"; const require = frotaRequire(import.meta.url);' },
});
await rm(`${root}dist`, { recursive: true, force: true });
await rename(fresh, `${root}dist`);
