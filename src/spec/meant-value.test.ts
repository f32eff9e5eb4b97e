import { expect, test } from "vitest";
import { agentSchema, nameSchema } from "./agent.ts";
import { durationSchema } from "./duration.ts";
import { fleetSchema } from "./fleet.ts";
import { meantValue } from "./meant-value.ts";
import { schemaAt } from "./schema-fields.ts";

const size = schemaAt(agentSchema, ["spec", "storage", "size"]) ?? nameSchema;
const cidr = schemaAt(agentSchema, ["spec", "network", "egress", 0, "cidr"]) ?? nameSchema;
const port = schemaAt(agentSchema, ["spec", "network", "egress", 0, "ports", 0]) ?? nameSchema;
const key = schemaAt(agentSchema, ["spec", "secrets", "required", 0]) ?? nameSchema;
const suspend = schemaAt(fleetSchema, ["spec", "suspend"]) ?? nameSchema;

test.each([
  ["10GB", size, "10Gi"],
  ["10 Gi", size, "10Gi"],
  ["20gib", size, "20Gi"],
  ["0,5", size, "0.5"],
  ["5min", durationSchema, "5m"],
  ["90 segundos", durationSchema, "90s"],
  ["2 horas", durationSchema, "2h"],
  ["2d", durationSchema, "48h"],
  [5, durationSchema, "5m"],
  ["10.0.0.5", cidr, "10.0.0.5/32"],
  ["5432", port, 5432],
  ["sim", suspend, true],
  ["no", suspend, false],
  ["Clóvis", nameSchema, "clovis"],
  ["São_Paulo", nameSchema, "sao-paulo"],
  ["“acme”", nameSchema, "acme"],
  ["gemini-api-key", key, "GEMINI_API_KEY"],
])("%s was meant as %3$s", (written, schema, meant) => {
  expect(meantValue(written, schema)).toBe(meant);
});

test.each([
  ["what no repair makes right", "plenty", size],
  ["what may be a key that slipped in", "sk-a1b2c3d4e5f6", key],
  ["a known credential", "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", nameSchema],
  ["a list", ["a"], nameSchema],
])("nothing is offered for %s", (_title, written, schema) => {
  expect(meantValue(written, schema)).toBeUndefined();
});
