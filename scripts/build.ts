// Bundles the command line into dist/: one small file that loads, and chunks loaded when a command needs them.
// A frota that runs meanwhile keeps the chunks that it was started with: old ones are removed after a day only.
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { build } from "esbuild";

const DAY = 86_400_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const fresh = join(root, `dist.${process.pid}`);

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

await mkdir(dist, { recursive: true });
const made = await readdir(fresh);
// The entry point last: until then the old bundle is whole.
for (const file of made.filter((name) => name !== "frota.js")) await rename(join(fresh, file), join(dist, file));
await rename(join(fresh, "frota.js"), join(dist, "frota.js"));
await rm(fresh, { recursive: true });
for (const file of await readdir(dist)) {
  const age = Date.now() - (await stat(join(dist, file))).mtimeMs;
  if (!made.includes(file) && age > DAY) await rm(join(dist, file));
}
