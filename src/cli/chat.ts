import { currentPods, type PodFacts } from "../engine/agent-facts.ts";
import { agentObjects, readNamespace } from "../engine/fleet-watch.ts";
import { unknownAgents } from "../engine/restart-agents.ts";
import { unknownAgent } from "../engine/select-agents.ts";
import { GatewayClient } from "../gateway/client.ts";
import { GATEWAY_PORT } from "../render/names.ts";
import { FrotaError } from "../spec/error.ts";
import { textAt } from "../spec/plain-field.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { openNamespace, type NamespaceTarget } from "./namespace-target.ts";
import { writeStructured, type OutputFormat } from "./structured-output.ts";

/** Flags of `frota chat`. */
export interface ChatFlags extends ClusterFlags {
  readonly session: string;
  readonly output?: OutputFormat;
}

/** Environment variable, and key of the agent's Secret, that holds its gateway's token. */
const TOKEN_KEY = "OPENCLAW_GATEWAY_TOKEN";

/** `frota chat <agent> [message...]` */
export async function runChat(context: CliContext, flags: ChatFlags, words: readonly string[]): Promise<void> {
  const [agent, ...rest] = words;
  if (agent === undefined) throw usage("say which agent to talk to.", 'for example: frota chat clovis "Good morning"');
  const world = await openNamespace(context, flags);
  try {
    const pod = await runningPod(world, agent);
    const token = await gatewayToken(world, agent);
    const message = rest.length > 0 ? rest.join(" ") : await readMessage(context, agent);
    const forward = await world.cluster.portForward(world.namespace, pod, GATEWAY_PORT.number);
    try {
      const gateway = new GatewayClient({ address: forward.address, token, agent });
      await converse(context, flags, gateway, message);
    } finally {
      await forward.close();
    }
  } finally {
    world.cluster.close();
  }
}

async function converse(context: CliContext, flags: ChatFlags, gateway: GatewayClient, message: string): Promise<void> {
  const { stdout } = context.process;
  const pieces: string[] = [];
  try {
    for await (const piece of gateway.chat({ message, session: flags.session, signal: context.signal })) {
      pieces.push(piece);
      if (!flags.output) stdout.write(piece);
    }
  } catch (error) {
    if (!flags.output && pieces.length > 0) stdout.write("\n");
    if (!context.signal.aborted) throw error;
    throw new FrotaError({
      code: "INTERRUPTED",
      message: `interrupted; ${gateway.endpoint.agent} may go on working on its answer`,
      next: "ask again in the same session to hear it",
      outcome: "interrupted",
    });
  }
  const reply = pieces.join("");
  const { agent } = gateway.endpoint;
  if (flags.output) await writeStructured({ agent, session: flags.session, message, reply }, flags.output, stdout);
  else if (!reply.endsWith("\n")) stdout.write("\n");
}

/** The pod that serves the agent now. */
async function runningPod({ cluster, namespace, declared }: NamespaceTarget, agent: string): Promise<string> {
  const objects = agentObjects(await readNamespace(cluster, namespace), agent);
  if (!objects.deployment) {
    if (declared.length === 0 || declared.includes(agent)) throw unknownAgents([agent], namespace);
    throw unknownAgent(agent, declared);
  }
  const pods = currentPods(objects);
  const ready = pods.find((pod) => pod.isReady && !pod.isTerminating);
  if (ready) return ready.name;
  throw new FrotaError({
    code: "AGENT_NOT_READY",
    message: `${agent} is not ready to talk: ${reasonOf(pods[0])}`,
    where: { kind: "Deployment", namespace, name: agent },
    next: `frota status ${agent}`,
  });
}

function reasonOf(pod: PodFacts | undefined): string {
  if (!pod) return "it has no pod";
  if (pod.isTerminating) return `its pod ${pod.name} is stopping`;
  return pod.waiting?.message ?? pod.waiting?.reason ?? pod.unschedulable ?? `its pod ${pod.name} is ${pod.phase}, not Ready yet`;
}

async function gatewayToken({ cluster, namespace }: NamespaceTarget, agent: string): Promise<string> {
  const name = `${agent}-env`;
  const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name });
  const encoded = textAt(secret, "data", TOKEN_KEY);
  if (encoded !== undefined) return Buffer.from(encoded, "base64").toString("utf8");
  throw new FrotaError({
    code: "GATEWAY_TOKEN_MISSING",
    message: `the Secret has no ${TOKEN_KEY}, with which one talks to the gateway.`,
    where: { kind: "Secret", namespace, name },
    next: `frota secrets status ${agent}`,
  });
}

async function readMessage({ process }: CliContext, agent: string): Promise<string> {
  if (process.stdin.isTTY === true) throw usage("say something.", `frota chat ${agent} "Good morning", or pipe the message in`);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  const message = Buffer.concat(chunks).toString("utf8").trim();
  if (message === "") throw usage("the message is empty.", `frota chat ${agent} "Good morning"`);
  return message;
}

function usage(message: string, next: string): FrotaError {
  return new FrotaError({ code: "CHAT_ARGUMENTS", message, next, outcome: "usage" });
}
