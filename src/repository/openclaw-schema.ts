import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FrotaError } from "../spec/error.ts";
import { OPENCLAW_SCHEMA_FILE } from "../spec/openclaw/version.ts";
import { isPlainMap } from "../spec/plain-data.ts";
import type { PlainMap } from "../spec/plain-data.ts";

/** Reads the pinned OpenClaw's configuration schema from the installed package's `schemas/`. */
export async function loadOpenClawSchema(): Promise<PlainMap> {
  const schema: unknown = JSON.parse(await readFile(findSchema(import.meta.dirname), "utf8"));
  return isPlainMap(schema) ? schema : {};
}

/** The package's root is above this file whether it runs from src/ or bundled in dist/. */
function findSchema(folder: string): string {
  const candidate = join(folder, "schemas", OPENCLAW_SCHEMA_FILE);
  if (existsSync(candidate)) return candidate;
  if (folder === dirname(folder)) {
    throw new FrotaError({ code: "OPENCLAW_SCHEMA_MISSING", message: `schemas/${OPENCLAW_SCHEMA_FILE} is not in the package`, next: "run `node scripts/openclaw-schema.ts`" });
  }
  return findSchema(dirname(folder));
}
