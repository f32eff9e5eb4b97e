// Completes package-lock.json after `npm install` from a registry that lacks some platforms' optional packages: `npm ci`
// wants an entry for each, even for platforms that it never installs. Run it whenever dependencies have changed.
import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";

const entrySchema = z.looseObject({
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) });

const file = new URL("../package-lock.json", import.meta.url);
const lock = lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));

/** Operating systems and processors as package names spell them, and as npm calls them. */
const SYSTEMS = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "aix", "win32", "wasm32"];
const PROCESSORS = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el"];

function platformOf(name: string): { readonly os: readonly string[]; readonly cpu: readonly string[] } {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) throw new Error(`cannot tell the platform of ${name}`);
  return { os: [os], cpu: [cpu] };
}

let added = 0;
for (const entry of Object.values(lock.packages).map((value) => entrySchema.parse(value))) {
  for (const [name, version] of Object.entries(entry.optionalDependencies)) {
    const path = `node_modules/${name}`;
    if (lock.packages[path]) continue;
    lock.packages[path] = { version, ...platformOf(name), ...(entry.dev ? { dev: true } : {}), optional: true };
    added += 1;
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([left], [right]) => (left < right ? -1 : 1)));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, undefined, 2)}\n`);
console.log(`${added} entries added`);
