import * as z from "zod";
import { QUANTITY_PATTERN } from "./quantity.ts";

/** API group and version of every Frota resource. */
export const API_VERSION = "frota.dev/v1alpha1";

const NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** A DNS label, short enough that every derived object name and the pod's host name stay within 63 characters. */
export const nameSchema = z
  .string()
  .regex(NAME, "lower-case letters, digits and hyphens, at most 40 characters")
  .meta({ description: "DNS label: lower-case letters, digits and hyphens, at most 40 characters." });

const QUANTITY = "a Kubernetes quantity such as 500m, 2 or 10Gi";

/** A Kubernetes quantity such as `500m` or `10Gi`. */
const quantitySchema = z
  .union([z.string().regex(QUANTITY_PATTERN, QUANTITY), z.number()], QUANTITY)
  .transform(String)
  .pipe(z.string().regex(QUANTITY_PATTERN, QUANTITY));

const environmentName = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]*$/, "an environment variable name such as GITHUB_TOKEN");

/** Labels or annotations that the agent's objects carry as well. */
const labelsSchema = z.record(z.string(), z.string()).optional();

const resourceList = z.strictObject({
  cpu: quantitySchema.optional().meta({ description: "Cores, for example 500m." }),
  memory: quantitySchema.optional().meta({ description: "Bytes, for example 2Gi." }),
  "ephemeral-storage": quantitySchema.optional().meta({ description: "Bytes on the node's own disk." }),
});

/** What a pod may reach, or who may reach its gateway: an address range, or pods of a namespace. */
const networkPeerSchema = z
  .strictObject({
    cidr: z
      .string()
      .regex(/^[0-9a-f.:]+\/\d{1,3}$/, "an address range such as 10.20.0.0/16")
      .optional()
      .meta({ description: "Address range, for example 10.20.0.5/32." }),
    namespace: z.string().optional().meta({ description: "Name of a namespace of the cluster." }),
    pods: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: "Labels of pods, in `namespace` or, without it, in the fleet's own." }),
    ports: z
      .array(z.int().min(1).max(65535))
      .optional()
      .meta({ description: "Ports; all of them when absent." }),
    protocol: z.enum(["TCP", "UDP"]).default("TCP").meta({ description: "Protocol of the ports." }),
  })
  .refine((peer) => (peer.cidr !== undefined) !== (peer.namespace !== undefined || peer.pods !== undefined), {
    message: "give either `cidr`, or `namespace` and/or `pods`",
  });

const workspaceMode = z.enum(["seed", "enforce"]);

/** Everything that an agent may say about itself, and a Fleet may say for all of them under `defaults`. */
export const agentSpecSchema = z.strictObject({
  openclaw: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: "Declared OpenClaw configuration (openclaw.json). Declared keys win over the agent's own." }),
  configuration: z
    .strictObject({
      mode: z
        .enum(["merge", "locked"])
        .default("merge")
        .meta({ description: "merge: the agent may change its own configuration, declared keys win at each start; locked: it cannot, the declaration is mounted read-only." }),
    })
    .prefault({})
    .meta({ description: "How the declared OpenClaw configuration reaches the agent." }),
  secrets: z
    .strictObject({
      required: z
        .array(environmentName)
        .default([])
        .meta({ description: "Keys that must be in Vault at <path>/<agent> before the agent starts." }),
      onChange: z
        .enum(["restart", "notify"])
        .default("restart")
        .meta({ description: "What a changed secret does: the controller restarts the agent, or only says that a restart is due." }),
    })
    .prefault({})
    .meta({ description: "What the agent needs from Vault. Values are never written here." }),
  storage: z
    .strictObject({ size: quantitySchema.default("10Gi").meta({ description: "10Gi to 25Gi, 10Gi when absent; it can grow, never shrink.", default: "10Gi" }) })
    .prefault({})
    .meta({ description: "The agent's volume at /root/.openclaw: 10Gi to 25Gi." }),
  resources: z
    .strictObject({
      requests: resourceList.optional().meta({ description: "What the scheduler keeps free; 150m CPU and 1Gi memory when absent; memory 1Gi or more." }),
      limits: resourceList.optional().meta({ description: "2560Mi memory when absent. OpenClaw peaks at 1.5 GB: memory 2Gi or more; CPU 1 or more, or none." }),
    })
    .prefault({})
    .meta({ description: "CPU and memory of the agent's container." }),
  workspace: z
    .strictObject({
      mode: workspaceMode
        .default("seed")
        .meta({ description: "seed: write a file only if it is absent; enforce: write it at every start." }),
      files: z
        .record(z.string(), workspaceMode)
        .default({})
        .meta({ description: "Another mode for single files, by path in workspace/." }),
    })
    .prefault({})
    .meta({ description: "How the files of the agent's workspace/ folder reach its workspace." }),
  network: z
    .strictObject({
      egress: z.array(networkPeerSchema).default([]).meta({ description: "What the agent may reach." }),
      ingress: z.array(networkPeerSchema).default([]).meta({ description: "Who may reach the agent's gateway." }),
    })
    .prefault({})
    .meta({ description: "What the agent may reach beyond DNS and public HTTPS; who may reach its gateway." }),
  env: z
    .record(environmentName, z.string())
    .default({})
    .meta({ description: "Plain environment variables. Never credentials: those belong in Vault." }),
  suspend: z.boolean().default(false).meta({ description: "The controller leaves this agent as it is." }),
  image: z
    .strictObject({
      tag: z.string().optional().meta({ description: "Another tag of the fleet's image." }),
      digest: z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hexadecimal digits")
        .optional()
        .meta({ description: "Exactly this image, whatever its tag means now." }),
    })
    .prefault({})
    .meta({ description: "Pins this agent to another tag or to a digest of the fleet's image." }),
});

/** The resource `Agent` as written in `agents/<agent>/agent.yaml`. */
export const agentSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal("Agent"),
    metadata: z.strictObject({
      name: nameSchema,
      namespace: z.string().optional().meta({ description: "The fleet's; may be left out." }),
      labels: labelsSchema.meta({ description: "Labels of the agent's objects; its pod does not get them." }),
      annotations: labelsSchema.meta({ description: "For whoever reads this file; nothing is made of them." }),
    }),
    spec: agentSpecSchema.prefault({}),
  })
  .meta({ title: "Agent", description: "One OpenClaw agent of a fleet: <agent>/agent.yaml." });

export type NetworkPeer = z.output<typeof networkPeerSchema>;

export type AgentSpec = z.output<typeof agentSpecSchema>;
export type Agent = z.output<typeof agentSchema>;
