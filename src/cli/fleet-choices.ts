import { providerKey, type AgentChoices } from "../render/scaffold-agent.ts";
import type { FleetChoices } from "../render/scaffold-fleet.ts";
import { deriveName } from "../spec/agent-name.ts";
import { FrotaError } from "../spec/error.ts";
import { agentNames } from "./agent-naming.ts";
import type { InitFlags } from "./commands/init.ts";
import type { CliContext } from "./context.ts";
import { promptedAnswer, type Question } from "./prompted-answer.ts";
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

/** A question, and the flag that answers it beforehand. */
type Asked = Question & { readonly flag: string; readonly given: string | undefined };

/** As Vault's Helm chart makes it, with TLS, in namespace vault. */
const VAULT_ADDRESS = "https://vault.vault.svc.cluster.local:8200";

/**
 * What a new fleet is made with: flags first; on a terminal, answers; else defaults. `folder` is the name of the folder, for the
 * fleet's. Throws FLAG_INVALID, INIT_ARGUMENTS where a default is missing and nobody can be asked, INTERRUPTED.
 */
export async function fleetChoices(context: CliContext, flags: InitFlags, folder: string): Promise<FleetChoices> {
  const value = (asked: Asked) => answerOf(context, flags, asked);
  const fixed = fixedChoices(flags);
  const name = await value({ flag: "--name", given: flags.name, message: "Name of the fleet", fallback: deriveName(folder) ?? "agents", parse: parseName });
  const namespace = await value({ flag: "--namespace", given: flags.namespace, message: "Namespace of its agents", fallback: name, parse: parseName });
  const example = `registry.digitalocean.com/${name}/openclaw-agent`;
  const image = await value({ flag: "--image", given: flags.image, message: "Registry and path of the agents' image, without a tag", example, parse: parseImage });
  const pool = await value({ flag: "--node-pool", given: flags.nodePool, message: "Node pool of the agents", fallback: namespace, parse: parseLabelValue });
  const address = await value({
    flag: "--vault-address",
    given: flags.vaultAddress,
    message: "Vault, as seen from inside the cluster",
    fallback: VAULT_ADDRESS,
    parse: parseAddress,
  });
  const pullSecrets = (flags.pullSecret ?? [`${name}-registry`]).map((secret) => flagValue("--pull-secret", secret, parseObjectName));
  return {
    ...fixed,
    name,
    namespace,
    image,
    pullSecrets: flags.publicImage ? [] : pullSecrets,
    nodePool: { name: pool, label: flagValue("--node-pool-label", flags.nodePoolLabel, parseLabelKey) },
    vault: vaultChoices(flags, address),
    agents: await agentChoices(context, flags),
  };
}

/** What is never asked; looked at first, so that nobody answers questions in vain. */
function fixedChoices(flags: InitFlags): Pick<FleetChoices, "storageClass" | "secrets" | "model" | "canaries"> {
  const model = flagValue("--model", flags.model, parseModel);
  const key = providerKey(model);
  const secrets = ["OPENCLAW_GATEWAY_TOKEN", ...(key === undefined ? [] : [key]), ...keyNames(flags.secret)];
  return {
    storageClass: flagValue("--storage-class", flags.storageClass, parseObjectName),
    secrets: [...new Set(secrets)],
    model,
    canaries: (flags.canary ?? []).map((canary) => flagValue("--canary", canary, parseName)),
  };
}

function vaultChoices({ vaultMount, vaultPath, vaultRole, vaultCaConfigMap }: InitFlags, address: string): FleetChoices["vault"] {
  const authority = vaultCaConfigMap ?? (isInCluster(address) ? "vault-ca" : undefined);
  return {
    address,
    mount: flagValue("--vault-mount", vaultMount, parseVaultPath),
    path: flagValue("--vault-path", vaultPath, parseVaultPath),
    role: flagValue("--vault-role", vaultRole, parseVaultPath),
    ...(authority !== undefined && { certificateAuthority: flagValue("--vault-ca-config-map", authority, parseObjectName) }),
  };
}

/** No public authority signs a certificate for a name of a cluster. */
function isInCluster(address: string): boolean {
  return /^https:\/\/[^:]+\.svc(\.cluster\.local)?(:\d+)?$/.test(address);
}

async function agentChoices(context: CliContext, flags: InitFlags): Promise<readonly AgentChoices[]> {
  const volumeSize = flagValue("--volume-size", flags.volumeSize, parseVolumeSize);
  const first = flags.agent === undefined && mayAsk(context, flags) ? [await promptedAnswer(context, { message: "A first agent (Enter: none yet)", fallback: "", parse: parseAgentName })] : [];
  const typed = (flags.agent ?? first).filter((text) => text.trim() !== "");
  const agents = typed.map((text) => Object.assign(agentNames(text), { secrets: [], volumeSize }));
  const twice = agents.find(({ name }, index) => agents.findIndex((other) => other.name === name) !== index);
  if (twice) throw new FrotaError({ code: "AGENT_EXISTS", message: `two agents would be called ${twice.name}`, next: "give one of them another name", outcome: "refused" });
  return agents;
}

function parseAgentName(text: string): string {
  agentNames(text);
  return text;
}

async function answerOf(context: CliContext, flags: InitFlags, { flag, given, ...question }: Asked): Promise<string> {
  if (given !== undefined) return flagValue(flag, given, question.parse);
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
