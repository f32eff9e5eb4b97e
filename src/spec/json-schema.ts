import * as z from "zod";
import { agentSchema } from "./agent.ts";
import { fleetSchema } from "./fleet.ts";
import { OPENCLAW_SCHEMA_FILE, OPENCLAW_VERSION } from "./openclaw/version.ts";
import { isPlainMap } from "./plain-data.ts";
import type { PlainMap } from "./plain-data.ts";

/** JSON Schemas (draft 7) of both resources as people write them, for editors: by file name in `schemas/`. */
export function editorSchemas(): Map<string, PlainMap> {
  return new Map([
    ["agent.json", withOpenClaw(resourceSchema("Agent"))],
    ["fleet.json", withOpenClaw(resourceSchema("Fleet"))],
  ]);
}

/** The JSON Schema of a resource as people write it: what has a default may be left out. */
export function resourceSchema(kind: "Agent" | "Fleet"): PlainMap {
  const schema = kind === "Agent" ? agentSchema : fleetSchema;
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    reused: "inline",
    override: ({ jsonSchema }) => {
      // That names are text goes without saying.
      if (isPlainMap(jsonSchema.propertyNames) && Object.keys(jsonSchema.propertyNames).length === 1) delete jsonSchema.propertyNames;
    },
  });
}

/** Editors complete and check the OpenClaw configuration too, by the pinned OpenClaw's own schema beside this one. */
function withOpenClaw(schema: PlainMap): PlainMap {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === "openclaw" && isPlainMap(value)) return [key, openClawReference(value)];
      return [key, isPlainMap(value) ? withOpenClaw(value) : value];
    }),
  );
}

/** In draft 7 nothing beside `$ref` counts, hence `allOf`. */
function openClawReference({ description }: PlainMap): PlainMap {
  const text = typeof description === "string" ? description : "";
  return { description: `${text} Checked against OpenClaw ${OPENCLAW_VERSION}.`.trim(), allOf: [{ $ref: `./${OPENCLAW_SCHEMA_FILE}` }] };
}
