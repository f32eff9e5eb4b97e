import { parse } from "yaml";
import { API_VERSION } from "../spec/agent.ts";
import { fleetSchema, NODE_POOL_LABEL } from "../spec/fleet.ts";
import type { RepositoryFiles } from "../spec/repository.ts";
import { annotatedYaml, yamlScalar, type AnnotatedPart } from "./annotated-yaml.ts";
import { IMAGE_FILES, imageWorkflow } from "./fleet-template.ts";
import { SCHEMA_COMMENT, scaffoldAgent, type AgentChoices } from "./scaffold-agent.ts";
import { fleetReadme } from "./scaffold-readme.ts";

/** What a new fleet is made with. */
export interface FleetChoices {
  readonly name: string;
  readonly namespace: string;
  readonly nodePool: { readonly name: string; readonly label: string };
  /** Registry and path, without tag. */
  readonly image: string;
  /** None for an image that anybody may pull. */
  readonly pullSecrets: readonly string[];
  readonly storageClass: string;
  readonly vault: VaultChoices;
  /** Keys that every agent's secret must have. */
  readonly secrets: readonly string[];
  /** OpenClaw's name of the model, for example `google/gemini-3.1-pro-preview`. */
  readonly model: string;
  /** Agents that get a new image first. */
  readonly canaries: readonly string[];
  readonly agents: readonly AgentChoices[];
}

/** The Vault of a new fleet, as seen from inside the cluster. */
interface VaultChoices {
  readonly address: string;
  readonly mount: string;
  /** Below the mount; an agent's secrets are at <path>/<agent>. */
  readonly path: string;
  readonly role: string;
  /** ConfigMap with its certificate authority; absent for a public one. */
  readonly certificateAuthority?: string;
}

/** Where a new fleet is. */
export interface FleetLayout {
  /** Folder of the fleet below the Git repository's root (`agents`); empty when it is the root. */
  readonly folder: string;
  /** Path or URL of the folder of Frota's JSON Schemas, for editors. */
  readonly schemas?: string;
}

/** The files of a new fleet repository, the rendered ones aside. */
export interface FleetScaffold {
  /** By path below the fleet's folder. */
  readonly fleet: RepositoryFiles;
  /** By path below the Git repository's root. */
  readonly git: RepositoryFiles;
}

/** What a new fleet's repository holds. Nothing is checked: choices that are not valid make files that are not. */
export function scaffoldFleet(choices: FleetChoices, layout: FleetLayout): FleetScaffold {
  const text = fleetText(choices, layout.schemas);
  const fleet = fleetSchema.safeParse(parse(text)).data;
  const agents = fleet === undefined ? [] : choices.agents.flatMap((agent) => [...scaffoldAgent(agent, fleet, layout.schemas)]);
  const git = imageWorkflow({ folder: layout.folder, namespace: choices.namespace, image: choices.image });
  return {
    fleet: new Map([["fleet.yaml", text], ["README.md", fleetReadme(choices, layout)], ...IMAGE_FILES, ...agents]),
    git: new Map([...git, [".gitignore", GITIGNORE]]),
  };
}

const GITIGNORE = `# Credentials belong in Vault, never here.
.env
.env.*
*.key
*.pem
*.kubeconfig
kubeconfig
.vault-token

node_modules/
`;

function fleetText(choices: FleetChoices, schemas: string | undefined): string {
  const head = [
    ...(schemas === undefined ? [] : [`${SCHEMA_COMMENT}${schemas}/fleet.json`]),
    "# What all agents share. After a change: frota render, then frota check.",
    `apiVersion: ${API_VERSION}`,
    "kind: Fleet",
    "metadata:",
    `  name: ${yamlScalar(choices.name)}`,
    `  namespace: ${yamlScalar(choices.namespace)}`,
    "spec:",
  ];
  return `${head.join("\n")}\n${annotatedYaml(parts(choices), 2)}`;
}

function parts({ nodePool, image, pullSecrets, storageClass, vault, secrets, model, canaries }: FleetChoices): AnnotatedPart[] {
  const label = nodePool.label === NODE_POOL_LABEL ? {} : { label: nodePool.label };
  return [
    { about: [`Agents run on the nodes that are labelled ${nodePool.label}=${nodePool.name}.`], value: { nodePool: { name: nodePool.name, ...label } } },
    {
      about: ["Built from base/; agents run its tag `latest`."],
      value: { image: { repository: image, ...(pullSecrets.length > 0 && { pullSecrets }) } },
    },
    {
      about: ["Who gets a new image first. Only the controller heeds it."],
      value: { rollout: { canaries: canaries.length > 0 ? canaries : ["NAME"] } },
      isExample: canaries.length === 0,
    },
    { about: ["Block storage, ReadWriteOnce, for the agents' volumes."], value: { storage: { className: storageClass } } },
    { about: [`As seen from inside the cluster. An agent's secrets are at ${vault.mount}/${vault.path}/<agent>.`], value: { vault: vaultPart(vault) } },
    {
      about: ["For every agent: maps merge with its own, required secrets and network rules add up."],
      value: { defaults: { secrets: { required: secrets }, openclaw: { agents: { defaults: { model: { primary: model } } } } } },
    },
  ];
}

function vaultPart({ address, mount, path, role, certificateAuthority }: VaultChoices): object {
  return {
    address,
    ...(mount !== "kv" && { mount }),
    ...(path !== "agents" && { path }),
    auth: { role },
    ...(certificateAuthority !== undefined && { certificateAuthority: { configMap: certificateAuthority } }),
  };
}
