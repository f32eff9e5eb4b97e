import { z } from "zod";
import { agentSpecSchema, API_VERSION, nameSchema } from "./agent.ts";

const certificateAuthority = z.strictObject({
  configMap: z.string().meta({ description: "ConfigMap in the fleet's namespace." }),
  key: z.string().default("ca.crt"),
});

/** The resource `Fleet` as written in `agents/fleet.yaml`; a namespace has exactly one. */
export const fleetSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal("Fleet"),
  metadata: z.strictObject({
    name: nameSchema,
    namespace: nameSchema,
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.strictObject({
    nodePool: z
      .strictObject({
        name: z.string(),
        label: z.string().default("doks.digitalocean.com/node-pool"),
      })
      .meta({ description: "The nodes that agents run on: those whose `label` is `name`." }),
    image: z.strictObject({
      repository: z.string().meta({ description: "Registry and path, without tag." }),
      tag: z.string().default("latest"),
      pullSecrets: z.array(z.string()).default([]),
    }),
    storage: z.strictObject({ className: z.string() }),
    vault: z.strictObject({
      address: z.url().meta({ description: "As seen from inside the cluster." }),
      mount: z.string().default("kv").meta({ description: "KV version 2 mount." }),
      path: z.string().default("agents").meta({ description: "Folder; an agent's secrets are at <path>/<agent>." }),
      namespace: z.string().optional(),
      auth: z.strictObject({ mount: z.string().default("kubernetes"), role: z.string() }),
      certificateAuthority: certificateAuthority.optional(),
    }),
    defaults: agentSpecSchema
      .prefault({})
      .meta({ description: "Defaults for every agent: maps merge, required secrets and network rules add up." }),
  }),
});

export type Fleet = z.output<typeof fleetSchema>;
