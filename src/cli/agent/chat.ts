import type { GatewayClient } from "../../gateway/client.ts";
import { FrotaError } from "../../spec/error.ts";
import { findGateway, withGateway } from "../target/agent-gateway.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota chat`. */
export interface ChatFlags extends ClusterFlags {
  readonly session: string;
  readonly output?: OutputFormat;
}

/** `frota chat <agent> [message...]` */
export async function runChat(context: CliContext, flags: ChatFlags, words: readonly string[]): Promise<void> {
  const [agent, ...rest] = words;
  if (agent === undefined) throw usage("say which agent to talk to.", 'for example: frota chat clovis "Good morning"');
  const world = await openNamespace(context, flags);
  try {
    const access = await findGateway(world, agent);
    const message = rest.length > 0 ? rest.join(" ") : await readMessage(context, agent);
    await withGateway(world, agent, access, (gateway) => converse(context, flags, gateway, message));
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
