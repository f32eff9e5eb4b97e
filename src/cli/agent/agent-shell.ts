import { Readable, Writable } from "node:stream";
import { CONTAINER } from "../../engine/observe/agent-facts.ts";
import { FrotaError } from "../../spec/error.ts";
import { podsOfAgent, podTrouble } from "../target/agent-pods.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext, Output } from "../context.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";

/** What the volume keeps; everything else of a container is gone with it. */
const STATE = "/root/.openclaw";
/** Bash where the image has it. */
const SHELL = ["sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh"] as const;

/** `frota shell <agent> [-- command...]`: its exit code becomes this process's. */
export async function openShell(context: CliContext, flags: ClusterFlags, words: readonly string[]): Promise<void> {
  const [agent, ...command] = words;
  if (agent === undefined) {
    throw new FrotaError({ code: "SHELL_ARGUMENTS", message: "say in which agent", next: "for example: frota shell clovis", outcome: "usage" });
  }
  const world = await openNamespace(context, flags);
  try {
    const pod = await runningPod(world, agent);
    const isTerminal = context.process.stdin.isTTY === true && context.process.stdout.isTTY === true;
    if (isTerminal && command.length === 0) greet(context, world, { agent, pod });
    context.process.exitCode = await runThere(context, world, { pod, command, isTerminal });
  } finally {
    world.cluster.close();
  }
}

async function runningPod(world: NamespaceTarget, agent: string): Promise<string> {
  const pods = await podsOfAgent(world, agent);
  const running = pods.find((pod) => pod.isRunning && !pod.isTerminating) ?? pods.find((pod) => pod.isRunning);
  if (running) return running.name;
  throw new FrotaError({
    code: "AGENT_NOT_RUNNING",
    message: `${agent} has no running container: ${podTrouble(pods[0])}`,
    where: { kind: "Deployment", namespace: world.namespace, name: agent },
    next: `\`frota status ${agent}\` says why; \`frota logs ${agent} --previous\` what it said last`,
  });
}

function greet({ process }: CliContext, { namespace, target }: NamespaceTarget, { agent, pod }: { readonly agent: string; readonly pod: string }): void {
  const dim = (text: string) => painter(process.stderr, process.env)("dim", text);
  process.stderr.write(`${dim(`-- ${agent}: pod ${pod}, namespace ${namespace}, ${target.name}`)}\n`);
  process.stderr.write(`${dim(`-- changes outside of ${STATE} are lost with the pod; leave with exit or Ctrl-D`)}\n`);
}

interface Session {
  readonly pod: string;
  /** Empty: a shell. */
  readonly command: readonly string[];
  readonly isTerminal: boolean;
}

async function runThere({ process, signal }: CliContext, { cluster, namespace }: NamespaceTarget, { pod, command, isTerminal }: Session): Promise<number> {
  const { stdin, stdout, stderr } = process;
  // A command whose output goes elsewhere does not wait for somebody to type.
  const isHeard = isTerminal || stdin.isTTY !== true || command.length === 0;
  let restore: (() => void) | undefined;
  try {
    return await cluster.exec({
      namespace,
      pod,
      container: CONTAINER,
      command: command.length === 0 ? SHELL : command,
      isTerminal,
      stdout: writableOf(stdout),
      stderr: writableOf(stderr),
      signal,
      onConnected: () => {
        // Not before: until then Ctrl-C ends the waiting.
        if (isTerminal) restore = rawMode(stdin);
      },
      ...(isHeard ? { stdin: readableOf(stdin) } : {}),
    });
  } finally {
    restore?.();
    // Nobody reads on, and this process may end.
    stdin.pause();
  }
}

/** Every key goes to the container, Ctrl-C too; returns what takes that back. */
function rawMode(stdin: CliContext["process"]["stdin"]): () => void {
  if (!("setRawMode" in stdin) || typeof stdin.setRawMode !== "function") return () => undefined;
  const set = stdin.setRawMode.bind(stdin);
  set(true);
  return () => set(false);
}

function writableOf(output: Output): Writable {
  if (output instanceof Writable) return output;
  return new Writable({
    write(chunk, _encoding, done) {
      output.write(String(chunk));
      done();
    },
  });
}

function readableOf(input: NodeJS.ReadableStream): Readable {
  return input instanceof Readable ? input : new Readable().wrap(input);
}
