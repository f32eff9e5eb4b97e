import { providerKey, type AgentChoices } from "../../render/scaffold-agent.ts";
import type { FleetChoices } from "../../render/scaffold-fleet.ts";
import { deriveName } from "../../spec/agent-name.ts";
import { FrotaError } from "../../spec/error.ts";
import { agentNames } from "./agent-naming.ts";
import type { CliContext } from "../context.ts";
import { promptedAnswer, type Question } from "../terminal/prompted-answer.ts";
import {
  flagValue,
  keyNames,
  parseAddress,
  parseImage,
  parseLabelKey,
  parseLabelValue,
  parseModel,
  parseName,
  parseObjectName,
  parseVaultPath,
  parseVolumeSize,
} from "./scaffold-values.ts";
import { VOLUME_SIZE } from "./scaffold-flags.ts";
import type { OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota init`. */
export interface InitFlags {
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly pullSecret?: readonly string[];
  readonly publicImage: boolean;
  readonly nodePool?: string;
  readonly nodePoolLabel: string;
  readonly storageClass: string;
  readonly vaultAddress?: string;
  readonly vaultMount: string;
  readonly vaultPath: string;
  readonly vaultRole: string;
  readonly vaultCaConfigMap?: string;
  readonly model: string;
  readonly secret?: readonly string[];
  readonly agent?: readonly string[];
  /** Of the agents that `agent` names, or the answer to the question for one. */
  readonly volumeSize?: string;
  readonly canary?: readonly string[];
  readonly workflow: boolean;
  readonly yes: boolean;
  readonly output?: OutputFormat;
}

/** A question, and the flag that answers it beforehand. */
type Asked = Question & { readonly flag: string; readonly given: string | undefined };

/** As Vault's Helm chart makes it, with TLS, in namespace vault. */
const VAULT_ADDRESS = "https://vault.vault.svc.cluster.local:8200";

/**
 * What a new fleet is made with: flags first; on a terminal, answers; else defaults. `folder` is the name of the folder, for the
 * fleet's. Throws FLAG_INVALID, SECRET_KEY_INVALID, AGENT_NAME_INVALID and AGENT_EXISTS before anything is asked; INIT_ARGUMENTS
 * where a default is missing and nobody can be asked, or a flag is about nothing; INTERRUPTED.
 */
export async function fleetChoices(context: CliContext, flags: InitFlags, folder: string): Promise<FleetChoices> {
  checkFlags(flags);
  if (!mayAsk(context, flags)) requireAgent(flags);
  const secrets = sharedSecrets(flags);
  const given = agentChoices(flags.agent ?? [], flags);
  const value = (asked: Asked) => answerOf(context, flags, asked);
  const name = await value({ flag: "--name", given: flags.name, message: "Name of the fleet", fallback: deriveName(folder) ?? "agents", parse: parseName });
  const namespace = await value({ flag: "--namespace", given: flags.namespace, message: "Namespace of its agents", fallback: name, parse: parseName });
  const example = `registry.digitalocean.com/${name}/openclaw-agent`;
  const image = await value({ flag: "--image", given: flags.image, message: "Registry and path of the agents' image, without a tag", example, parse: parseImage });
  const pool = await value({ flag: "--node-pool", given: flags.nodePool, message: "Node pool of the agents", fallback: namespace, parse: parseLabelValue });
  const vault = { flag: "--vault-address", given: flags.vaultAddress, message: "Vault, as seen from inside the cluster", fallback: VAULT_ADDRESS, parse: parseAddress };
  return {
    name,
    namespace,
    image,
    pullSecrets: flags.publicImage ? [] : (flags.pullSecret ?? [`${name}-registry`]),
    nodePool: { name: pool, label: flags.nodePoolLabel },
    storageClass: flags.storageClass,
    vault: vaultChoices(flags, await value(vault)),
    secrets,
    model: flags.model,
    canaries: flags.canary ?? [],
    agents: flags.agent === undefined && mayAsk(context, flags) ? agentChoices([await firstAgent(context)], flags) : given,
  };
}

/** Looks at every flag that is given, so that nobody answers questions in vain. */
function checkFlags(flags: InitFlags): void {
  const checks: readonly (readonly [flag: string, given: string | readonly string[] | undefined, parse: (text: string) => string])[] = [
    ["--name", flags.name, parseName],
    ["--namespace", flags.namespace, parseName],
    ["--image", flags.image, parseImage],
    ["--pull-secret", flags.pullSecret, parseObjectName],
    ["--node-pool", flags.nodePool, parseLabelValue],
    ["--node-pool-label", flags.nodePoolLabel, parseLabelKey],
    ["--storage-class", flags.storageClass, parseObjectName],
    ["--vault-address", flags.vaultAddress, parseAddress],
    ["--vault-mount", flags.vaultMount, parseVaultPath],
    ["--vault-path", flags.vaultPath, parseVaultPath],
    ["--vault-role", flags.vaultRole, parseVaultPath],
    ["--vault-ca-config-map", flags.vaultCaConfigMap, parseObjectName],
    ["--model", flags.model, parseModel],
    ["--volume-size", flags.volumeSize, parseVolumeSize],
    ["--canary", flags.canary, parseName],
  ];
  for (const [flag, given = [], parse] of checks) {
    for (const text of typeof given === "string" ? [given] : given) flagValue(flag, text, parse);
  }
}

/** A size that is given and does nothing would be found out in production. */
function requireAgent({ agent, volumeSize }: InitFlags): void {
  if (volumeSize === undefined || agent !== undefined) return;
  throw new FrotaError({
    code: "INIT_ARGUMENTS",
    message: "--volume-size is the size of the first agents' volumes, and --agent names none",
    next: `add --agent NAME, or leave it away and give it to each: frota new NAME --volume-size ${volumeSize}`,
    outcome: "usage",
  });
}

/** What every agent needs: its gateway's token, its model's key, and what flags name. */
function sharedSecrets({ model, secret }: InitFlags): readonly string[] {
  const key = providerKey(model);
  return [...new Set(["OPENCLAW_GATEWAY_TOKEN", ...(key === undefined ? [] : [key]), ...keyNames(secret)])];
}

function vaultChoices({ vaultMount, vaultPath, vaultRole, vaultCaConfigMap }: InitFlags, address: string): FleetChoices["vault"] {
  const certificateAuthority = vaultCaConfigMap ?? (isInCluster(address) ? "vault-ca" : undefined);
  return { address, mount: vaultMount, path: vaultPath, role: vaultRole, ...(certificateAuthority !== undefined && { certificateAuthority }) };
}

/** No public authority signs a certificate for a name of a cluster. */
function isInCluster(address: string): boolean {
  return /^https:\/\/[^:]+\.svc(\.cluster\.local)?(:\d+)?$/.test(address);
}

function agentChoices(typed: readonly string[], { volumeSize = VOLUME_SIZE }: InitFlags): readonly AgentChoices[] {
  const agents = typed.filter((text) => text !== "").map((text) => Object.assign(agentNames(text), { secrets: [], volumeSize }));
  const twice = agents.find(({ name }, index) => agents.findIndex((other) => other.name === name) !== index);
  if (twice) throw new FrotaError({ code: "AGENT_EXISTS", message: `two agents would be called ${twice.name}`, next: "give one of them another name", outcome: "refused" });
  return agents;
}

function firstAgent(context: CliContext): Promise<string> {
  return promptedAnswer(context, { message: "A first agent (Enter: none yet)", fallback: "", parse: parseAgentName });
}

function parseAgentName(text: string): string {
  agentNames(text);
  return text;
}

async function answerOf(context: CliContext, flags: InitFlags, { flag, given, ...question }: Asked): Promise<string> {
  if (given !== undefined) return given;
  if (mayAsk(context, flags)) return promptedAnswer(context, question);
  if (question.fallback !== undefined) return question.fallback;
  throw new FrotaError({
    code: "INIT_ARGUMENTS",
    message: `${flag} is missing, and there is nobody to ask`,
    next: `for example: ${flag} ${question.example ?? "VALUE"}`,
    outcome: "usage",
  });
}

function mayAsk({ process }: CliContext, { yes }: InitFlags): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && !yes;
}
