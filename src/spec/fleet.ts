import { z } from "zod";
import { agentSpecSchema, API_VERSION, nameSchema } from "./agent.ts";

const certificateAuthority = z.strictObject({
  configMap: z.string().meta({ description: "ConfigMap in the fleet's namespace." }),
  key: z.string().default("ca.crt").meta({ description: "Key of the ConfigMap that holds the PEM text." }),
});

/** The resource `Fleet` as written in `agents/fleet.yaml`; a namespace has exactly one. */
export const fleetSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal("Fleet"),
    metadata: z.strictObject({
      name: nameSchema,
      namespace: nameSchema,
      labels: z.record(z.string(), z.string()).optional().meta({ description: "Labels of the fleet's own objects in its namespace." }),
      annotations: z.record(z.string(), z.string()).optional().meta({ description: "For whoever reads this file; nothing is made of them." }),
    }),
    spec: z.strictObject({
      nodePool: z
        .strictObject({
          name: z.string().meta({ description: "Value of the label, for example bots." }),
          label: z
            .string()
            .default("doks.digitalocean.com/node-pool")
            .meta({ description: "Node label that names a pool." }),
        })
        .meta({ description: "The nodes that agents run on: those whose `label` is `name`." }),
      image: z.strictObject({
        repository: z.string().meta({ description: "Registry and path, without tag." }),
        tag: z.string().default("latest").meta({ description: "The channel that agents follow." }),
        pullSecrets: z.array(z.string()).default([]).meta({ description: "Secrets of the namespace, kubernetes.io/dockerconfigjson." }),
      }),
      storage: z.strictObject({
        className: z.string().meta({ description: "Storage class of agents' volumes: block storage, ReadWriteOnce." }),
      }),
      vault: z.strictObject({
        address: z.url().meta({ description: "As seen from inside the cluster." }),
        mount: z.string().default("kv").meta({ description: "KV version 2 mount." }),
        path: z.string().default("agents").meta({ description: "Folder; an agent's secrets are at <path>/<agent>." }),
        namespace: z.string().optional().meta({ description: "Vault Enterprise namespace." }),
        auth: z.strictObject({
          mount: z.string().default("kubernetes").meta({ description: "Mount of Vault's Kubernetes auth method." }),
          role: z.string().meta({ description: "Role that lets ServiceAccount vault-auth read the secrets." }),
        }),
        certificateAuthority: certificateAuthority.optional(),
      }),
      defaults: agentSpecSchema
        .prefault({})
        .meta({ description: "Defaults for every agent: maps merge, required secrets and network rules add up." }),
    }),
  })
  .meta({ title: "Fleet", description: "What all agents of one namespace share: fleet.yaml." });

export type Fleet = z.output<typeof fleetSchema>;
