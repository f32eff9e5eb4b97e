import { API_VERSION } from "../spec/agent.ts";
import type { Fleet } from "../spec/fleet.ts";
import { textAt } from "../spec/plain-field.ts";
import type { RepositoryFiles } from "../spec/repository.ts";
import { annotatedYaml, yamlScalar, type AnnotatedPart } from "./annotated-yaml.ts";

/** What a new agent is made with. */
export interface AgentChoices {
  readonly name: string;
  /** As people call it, for example `Clóvis`; absent when that is `name` itself. */
  readonly displayName?: string;
  /** One sentence. */
  readonly purpose?: string;
  /** Keys of its secret besides those that every agent of the fleet has. */
  readonly secrets: readonly string[];
  /** Of its volume, for example `20Gi`. */
  readonly volumeSize: string;
  /** OpenClaw's name of a model other than the fleet's. */
  readonly model?: string;
}

/** What the language server of editors reads. */
export const SCHEMA_COMMENT = "# yaml-language-server: $schema=";

/** The folder of JSON Schemas that a fleet.yaml names in its first line; undefined when it names none. */
export function schemasOf(fleetText: string): string | undefined {
  const [first = ""] = fleetText.split("\n", 1);
  return first.startsWith(SCHEMA_COMMENT) && first.endsWith("/fleet.json") ? first.slice(SCHEMA_COMMENT.length, -"/fleet.json".length) : undefined;
}

function isAbsolute(path: string): boolean {
  return /^(?:[a-z]+:\/\/|\/)/.test(path);
}

/**
 * The files of a new agent, by path below the fleet repository's root; the rendered ones are not among them.
 * `schemas` is the folder of JSON Schemas, from that root.
 */
export function scaffoldAgent(choices: AgentChoices, fleet: Fleet, schemas?: string): RepositoryFiles {
  const { name, displayName, purpose } = choices;
  const files = new Map([[`${name}/agent.yaml`, agentText(choices, fleet, schemas)]]);
  if (displayName !== undefined) files.set(`${name}/workspace/IDENTITY.md`, identityText(displayName, purpose));
  return files;
}

/** The environment variable in which OpenClaw expects the key of a model's provider; undefined for a provider that is not known here. */
export function providerKey(model: string): string | undefined {
  const provider = providerOf(model);
  return Object.hasOwn(PROVIDER_KEYS, provider) ? PROVIDER_KEYS[provider] : undefined;
}

/** The npm package with which OpenClaw learns the model's provider; undefined for one that it brings itself or that is not known here. */
export function providerPlugin(model: string): string | undefined {
  const provider = providerOf(model);
  return SEPARATE_PROVIDERS.has(provider) ? `@openclaw/${provider}-provider` : undefined;
}

function providerOf(model: string): string {
  return model.split("/")[0] ?? "";
}

/**
 * As openclaw 2026.9.6 has them: `setup.providers[].envVars` in dist/extensions/<id>/openclaw.plugin.json, and `envVars` of
 * scripts/lib/official-external-provider-catalog.json. Where it takes several (google also GOOGLE_API_KEY, zai also Z_AI_API_KEY, anthropic
 * also ANTHROPIC_OAUTH_TOKEN), the one that its documentation names first.
 */
const PROVIDER_KEYS: Readonly<Record<string, string>> = {
  anthropic: "ANTHROPIC_API_KEY",
  cerebras: "CEREBRAS_API_KEY",
  google: "GEMINI_API_KEY",
  groq: "GROQ_API_KEY",
  mistral: "MISTRAL_API_KEY",
  openai: "OPENAI_API_KEY",
  openrouter: "OPENROUTER_API_KEY",
  xai: "XAI_API_KEY",
  zai: "ZAI_API_KEY",
};

/** Those of the catalog named above: npm packages of their own, which openclaw 2026.9.6 does not bring. */
const SEPARATE_PROVIDERS: ReadonlySet<string> = new Set(["cerebras", "groq", "mistral", "zai"]);

function agentText(choices: AgentChoices, fleet: Fleet, schemas: string | undefined): string {
  const { name, displayName = name, purpose = "say here what it is for." } = choices;
  const head = [
    ...(schemas === undefined ? [] : [`${SCHEMA_COMMENT}${isAbsolute(schemas) ? "" : "../"}${schemas}/agent.json`]),
    `# ${displayName}: ${purpose}`,
    "# Here is only what differs from `defaults` in fleet.yaml. After a change: frota render, then frota check.",
    `apiVersion: ${API_VERSION}`,
    "kind: Agent",
    "metadata:",
    `  name: ${yamlScalar(name)}`,
    "spec:",
  ];
  return `${head.join("\n")}\n${annotatedYaml(parts(choices, fleet), 2)}`;
}

function parts({ name, secrets, volumeSize, model }: AgentChoices, { spec }: Fleet): AnnotatedPart[] {
  const example = secrets[0] ?? "GITHUB_TOKEN";
  const primary = model ?? textAt(spec.defaults.openclaw, "agents", "defaults", "model", "primary") ?? "google/gemini-3.1-pro-preview";
  return [
    {
      about: [
        `Keys that Vault must have at ${spec.vault.mount}/${spec.vault.path}/${name} before it starts; those of every agent are in fleet.yaml.`,
        `To write one: frota secrets set ${name} ${example}`,
      ],
      value: { secrets: { required: secrets.length === 0 ? [example] : secrets } },
      isExample: secrets.length === 0,
    },
    { about: ["Its volume, where it keeps its memory: 10Gi to 25Gi. It can grow later, never shrink."], value: { storage: { size: volumeSize } } },
    {
      about: ["OpenClaw's own configuration (openclaw.json)."],
      value: { openclaw: { agents: { defaults: { model: { primary } } } } },
      isExample: model === undefined,
    },
    { about: ["Plain environment variables. Never credentials: those belong in Vault."], value: { env: { TZ: "America/Sao_Paulo" } }, isExample: true },
    {
      about: ["What it may reach besides DNS and public HTTPS."],
      value: { network: { egress: [{ cidr: "10.20.0.5/32", ports: [5432] }] } },
      isExample: true,
    },
  ];
}

/** What the agent reads about itself; seeded, so that it may go on writing it. */
function identityText(displayName: string, purpose: string | undefined): string {
  const role = purpose === undefined ? "" : `- **Role:** ${purpose}\n`;
  return `# Identity\n\n- **Name:** ${displayName}\n${role}`;
}
