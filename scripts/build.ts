// Bundles the command line into dist/: one small file that loads, and chunks loaded when a command needs them.
// A frota that runs meanwhile keeps the chunks that it was started with: old ones are removed after a day only, and are not packed.
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { build } from "esbuild";

const DAY = 86_400_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const fresh = join(root, `dist.${process.pid}`);

await build({
  absWorkingDir: root,
  entryPoints: { frota: "src/cli/entry.ts" },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
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
const old = (await readdir(dist)).filter((file) => file.endsWith(".js") && !made.includes(file));
// Absent by now where another build found it first.
const ages = await Promise.all(old.map((file) => stat(join(dist, file)).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0)));
const kept = old.filter((_file, index) => (ages[index] ?? 0) <= DAY);
for (const file of old) if (!kept.includes(file)) await rm(join(dist, file), { force: true });
await writeFile(join(dist, ".npmignore"), kept.map((file) => `${file}\n`).join(""));
