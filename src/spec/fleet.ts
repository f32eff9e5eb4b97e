import * as z from "zod";
import { agentSpecSchema, API_VERSION, nameSchema } from "./agent.ts";
import { durationSchema } from "./duration.ts";

/** Node label that names a pool, where a Fleet names no other: DigitalOcean's. */
export const NODE_POOL_LABEL = "doks.digitalocean.com/node-pool";

const certificateAuthority = z.strictObject({
  configMap: z.string().meta({ description: "ConfigMap in the fleet's namespace." }),
  key: z.string().default("ca.crt").meta({ description: "Key of the ConfigMap that holds the PEM text." }),
});

const MOMENT = "an instant such as 2026-12-20T00:00:00Z, or a time of day such as 18:00";

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 18:00");

/** A time in which nothing running is disturbed: once, by `from` and `to` as instants, or every week, by `days` and times of day. */
const freezeSchema = z
  .strictObject({
    reason: z.string().default("freeze window").meta({ description: "Shown to whoever waits for its end." }),
    from: z.union([z.iso.datetime({ offset: true }), clockTime], MOMENT).meta({ description: "Its beginning: an instant such as 2026-12-20T00:00:00Z, or a time of day such as 18:00." }),
    to: z.union([z.iso.datetime({ offset: true }), clockTime], MOMENT).meta({ description: "Its end, in the same way as `from`." }),
    days: z
      .array(z.enum(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]))
      .optional()
      .meta({ description: "With times of day: the days on which it begins; every day when absent. It ends on the next day when `to` is not after `from`." }),
    timeZone: z.string().default("UTC").meta({ description: "Of the times of day, for example America/Sao_Paulo." }),
  })
  .refine((freeze) => freeze.from.includes("T") === freeze.to.includes("T"), "give `from` and `to` in the same way, both as instants or both as times of day");

const rolloutSchema = z.strictObject({
  canaries: z.array(nameSchema).default([]).meta({ description: "Agents that get a new image first." }),
  bakeTime: durationSchema.default("2m").meta({ description: "How long an agent must stay healthy on a new image before the next wave." }),
  failureBudget: z.int().min(0).default(0).meta({ description: "So many agents may fail before the rollout halts; 0 halts at the first." }),
  checkInterval: durationSchema.default("1m").meta({ description: "How often the registry is asked what a tag means now." }),
});

const PERCENTAGE = "a number from 1, or a percentage such as 10%";

const disruptionSchema = z.strictObject({
  maxDisrupted: z
    .union([z.int().min(1), z.string().regex(/^([1-9]\d?|100)%$/, PERCENTAGE)], PERCENTAGE)
    .default(1)
    .meta({ description: "At most so many agents down at once, for whatever reason: a number, or a percentage of the fleet (rounded down, at least 1)." }),
  quietWait: durationSchema.default("10m").meta({ description: "Longest wait for a moment in which an agent is not busy." }),
  coalesceWindow: durationSchema.default("10s").meta({ description: "Changes of a secret within this time are one restart." }),
  freezes: z.array(freezeSchema).default([]).meta({ description: "When no running agent is restarted on purpose." }),
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
            .default(NODE_POOL_LABEL)
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
      rollout: rolloutSchema.prefault({}).meta({ description: "How a new image reaches the agents. Only the controller heeds it." }),
      disruption: disruptionSchema.prefault({}).meta({ description: "When and how many agents may be restarted. Only the controller heeds it." }),
      suspend: z.boolean().default(false).meta({ description: "The controller leaves the whole fleet as it is." }),
      defaults: agentSpecSchema
        .prefault({})
        .meta({ description: "Defaults for every agent: maps merge, required secrets and network rules add up." }),
    }),
  })
  .meta({ title: "Fleet", description: "What all agents of one namespace share: fleet.yaml." });

export type Fleet = z.output<typeof fleetSchema>;
