import { API_VERSION } from "./agent.ts";
import { resourceSchema } from "./json-schema.ts";
import { isPlainMap, valueAt } from "./plain-data.ts";
import type { PlainMap } from "./plain-data.ts";

/** A CustomResourceDefinition as plain data. */
export type CustomResourceDefinition = PlainMap;

const [GROUP = "", VERSION = ""] = API_VERSION.split("/");

interface Kind {
  readonly kind: "Agent" | "Fleet";
  readonly plural: string;
  readonly columns: readonly PlainMap[];
}

const KINDS: readonly Kind[] = [
  {
    kind: "Agent",
    plural: "agents",
    columns: [
      { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: "Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
      { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    ],
  },
  {
    kind: "Fleet",
    plural: "fleets",
    columns: [
      { name: "Image", type: "string", jsonPath: ".spec.image.repository" },
      // Not of spec, which has only what Git says: the tag may be there by default.
      { name: "Tag", type: "string", jsonPath: ".status.tag" },
      { name: "Rollout", type: "string", jsonPath: ".status.rollouts[0].phase" },
      { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    ],
  },
];

/** The CustomResourceDefinitions of both resources, by file name in `schemas/crds/`. */
export function customResourceDefinitions(): Map<string, CustomResourceDefinition> {
  return new Map(KINDS.map((kind): [string, CustomResourceDefinition] => [`${kind.plural}.yaml`, definition(kind)]));
}

function definition({ kind, plural, columns }: Kind): CustomResourceDefinition {
  const singular = kind.toLowerCase();
  const schema = {
    type: "object",
    description: resourceSchema(kind)["description"],
    ...(kind === "Fleet" ? { required: ["spec"] } : {}),
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: structural(valueAt(resourceSchema(kind), ["properties", "spec"])),
      status: STATUS,
    },
    "x-kubernetes-validations": [
      {
        rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$')",
        message: "metadata.name: lower-case letters, digits and hyphens, at most 40 characters",
      },
    ],
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}`, labels: { "app.kubernetes.io/managed-by": "frota" } },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular, categories: ["frota"] },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

/**
 * Written by the controller only, and open: it can be lost and made again. By default it says that nobody has looked at the resource: kstatus, which
 * Flux waits by, takes a resource without a status for one that is as it should be.
 */
const STATUS = {
  type: "object",
  default: { observedGeneration: -1 },
  "x-kubernetes-preserve-unknown-fields": true,
  properties: {
    observedGeneration: { type: "integer", format: "int64" },
    conditions: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
      items: {
        type: "object",
        required: ["type", "status", "reason", "lastTransitionTime"],
        properties: {
          type: { type: "string" },
          status: { type: "string", enum: ["True", "False", "Unknown"] },
          reason: { type: "string" },
          message: { type: "string" },
          observedGeneration: { type: "integer", format: "int64" },
          lastTransitionTime: { type: "string", format: "date-time" },
        },
      },
    },
  },
};

/**
 * A JSON Schema as the structural schema that a CustomResourceDefinition takes. Defaults are left out on purpose: filled
 * in by the API server, an agent's would hide those of its Fleet, and `spec` would no longer be what Git says.
 */
function structural(schema: unknown): PlainMap {
  if (!isPlainMap(schema)) return {};
  const description = typeof schema["description"] === "string" ? { description: schema["description"] } : {};
  if ("anyOf" in schema) return { ...description, ...alternatives(schema["anyOf"]) };
  if (isOpenClaw(schema)) return { ...description, type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return { ...description, type: schema["type"], ...constraints(schema), ...parts(schema) };
}

/** A map of anything, which only the OpenClaw configuration is. */
function isOpenClaw(schema: PlainMap): boolean {
  return isPlainMap(schema["additionalProperties"]) && Object.keys(schema["additionalProperties"]).length === 0;
}

/** A number or a string, as quantities and percentages are; or one of several forms of string, whose patterns the tool checks. */
function alternatives(forms: unknown): PlainMap {
  const list = Array.isArray(forms) ? forms : [];
  if (list.every((form) => valueAt(form, ["type"]) === "string")) return { type: "string", maxLength: 64 };
  const pattern = list.map((form) => valueAt(form, ["pattern"])).find((found) => found !== undefined);
  return { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }], pattern };
}

const KEPT = ["pattern", "format", "minimum", "maximum", "minLength", "maxLength", "enum", "required"] as const;

function constraints(schema: PlainMap): PlainMap {
  const kept = KEPT.filter((keyword) => schema[keyword] !== undefined).map((keyword) => [keyword, schema[keyword]]);
  const fixed = schema["const"] === undefined ? {} : { enum: [schema["const"]] };
  return { ...Object.fromEntries(kept), ...fixed };
}

function parts(schema: PlainMap): PlainMap {
  const result: Record<string, unknown> = {};
  if (isPlainMap(schema["properties"])) {
    result["properties"] = Object.fromEntries(Object.entries(schema["properties"]).map(([name, inner]) => [name, structural(inner)]));
    if ("cidr" in schema["properties"]) result["x-kubernetes-validations"] = [PEER_RULE];
  }
  if (isPlainMap(schema["additionalProperties"])) result["additionalProperties"] = structural(schema["additionalProperties"]);
  if (schema["items"] !== undefined) {
    result["items"] = structural(schema["items"]);
    // The API server refuses a rule whose worst case it cannot bound.
    result["maxItems"] = 100;
  }
  return result;
}

/** The refinement of `networkPeerSchema`, which JSON Schema does not carry. */
const PEER_RULE = {
  rule: "has(self.cidr) != (has(self.namespace) || has(self.pods))",
  message: "give either cidr, or namespace and/or pods",
};
