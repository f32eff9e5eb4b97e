import { resourceSchema } from "../../src/spec/json-schema.ts";
import { isPlainMap, type PlainMap } from "../../src/spec/plain-data.ts";
import { code, heading, table } from "./page.ts";

const COLUMNS = ["Field", "Type", "Default", "Meaning"];

/** docs/reference/agent.md: every field of an agent.yaml. */
export function agentPage(): string {
  return [
    heading("Agent: `<agent>/agent.yaml`", "src/spec/agent.ts"),
    "One agent. The folder is called like the agent. The fleet's `spec.defaults` lie beneath `spec`: maps merge, required",
    "secrets and network rules add up. Unknown fields are errors (`frota check`). A field in **bold** must be given",
    "where the map that holds it is.",
    "",
    table(COLUMNS, rows(resourceSchema("Agent"), [])),
    "",
    "Editors complete and check these files by `schemas/agent.json`, which the first line of each names.",
    "",
  ].join("\n");
}

/** docs/reference/fleet.md: every field of fleet.yaml. */
export function fleetPage(): string {
  return [
    heading("Fleet: `fleet.yaml`", "src/spec/fleet.ts"),
    "What all agents of one namespace share; a namespace has exactly one. A field in **bold** must be",
    "given where the map that holds it is.",
    "",
    table(COLUMNS, rows(resourceSchema("Fleet"), [])),
    "",
    "Editors complete and check this file by `schemas/fleet.json`, which its first line names.",
    "",
  ].join("\n");
}

function rows(schema: PlainMap, path: readonly string[]): string[][] {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return mapsOf(schema["properties"]).flatMap(([name, field]) => fieldRows(field, [...path, name], required.includes(name)));
}

function fieldRows(field: PlainMap, path: readonly string[], required: boolean): string[][] {
  const name = path.join(".");
  const meaning = typeof field["description"] === "string" ? field["description"] : "";
  if (name === "spec.defaults") return [[code(name), "map", "", `${meaning} Fields as under [\`spec\` of an Agent](agent.md).`]];
  const row = [required ? `**${code(name)}**` : code(name), typeOf(field), defaultOf(field), meaning];
  const items = isPlainMap(field["items"]) ? field["items"] : undefined;
  if (items?.["properties"] !== undefined) return [row, ...rows(items, [...path.slice(0, -1), `${path.at(-1) ?? ""}[]`])];
  const below = rows(field, path);
  return below.length > 0 && meaning === "" ? below : [row, ...below];
}

function typeOf(field: PlainMap): string {
  if (typeof field["const"] === "string") return code(field["const"]);
  if (Array.isArray(field["enum"])) return field["enum"].map((value) => code(String(value))).join(" or ");
  if (Array.isArray(field["anyOf"])) return alternativesOf(field["anyOf"].filter(isPlainMap));
  if (field["type"] === "array") return isPlainMap(field["items"]) ? `list of ${typeOf(field["items"])}` : "list";
  if (typeof field["type"] === "string" && field["type"] !== "object") return field["type"];
  const values = isPlainMap(field["additionalProperties"]) ? typeOf(field["additionalProperties"]) : "map";
  return values === "map" ? "map" : `map of ${values}`;
}

/** A number or text is a quantity; of other forms each type once. */
function alternativesOf(forms: readonly PlainMap[]): string {
  const types = [...new Set(forms.map(typeOf))];
  return types.includes("number") ? "quantity" : types.join(" or ");
}

function defaultOf(field: PlainMap): string {
  const value = field["default"];
  const isEmpty = value === undefined || (typeof value === "object" && Object.keys(value ?? {}).length === 0);
  return isEmpty ? "" : code(typeof value === "string" ? value : JSON.stringify(value));
}

function mapsOf(value: unknown): [string, PlainMap][] {
  return Object.entries(isPlainMap(value) ? value : {}).flatMap(([key, field]): [string, PlainMap][] => (isPlainMap(field) ? [[key, field]] : []));
}
