import { createHash } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { PortForward } from "../../cluster/cluster.ts";
import { forwardAgent, isPortInUse, type AgentForwardRequest } from "../../engine/gateway/agent-forward.ts";
import { requestHandoff } from "../../engine/gateway/browser-handoff.ts";
import { GATEWAY_PORT } from "../../render/names.ts";
import { readyPod } from "../target/agent-gateway.ts";
import { openBrowser } from "./browser.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { serveOnce, type OneTimeLink } from "./one-time-link.ts";
import { painter } from "../terminal/paint.ts";

/** Flags of `frota open`. */
export interface OpenFlags extends ClusterFlags {
  readonly browser: boolean;
  readonly port?: number;
}

/** Milliseconds: as long as OpenClaw's own link is good. */
const GOOD_FOR = 600_000;
/** Local ports of agents' Control UIs: even numbers from here on, the odd ones above them are for the links. */
const PORTS = { first: 21_000, pairs: 4_000 } as const;

/** `frota open <agent>`: ends with Ctrl-C, which is no failure. */
export async function openAgent(context: CliContext, flags: OpenFlags, agent: string): Promise<void> {
  const world = await openNamespace(context, flags);
  let forward: PortForward | undefined;
  let link: OneTimeLink | undefined;
  try {
    const pod = await readyPod(world, agent);
    forward = await forwardTo(context, world, { agent, pod, port: flags.port });
    const { cluster, namespace } = world;
    const target = await requestHandoff({ cluster, namespace, agent, pod, signal: context.signal });
    // OpenClaw names its own address; here it is the forward's.
    target.host = forward.address;
    link = await serveOnce(target, portOf(forward) + 1);
    await lead(context, link, { agent, forward, browser: flags.browser });
    if (!context.signal.aborted) await once(context.signal, "abort");
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    await link?.close();
    await forward?.close();
    world.cluster.close();
  }
}

/** The same local port each time, because a browser stays paired with what it finds at one address. */
async function forwardTo(context: CliContext, { cluster, namespace, target }: NamespaceTarget, to: { readonly agent: string; readonly pod: string; readonly port: number | undefined }): Promise<PortForward> {
  const { agent, pod, port } = to;
  const request: AgentForwardRequest = {
    cluster,
    namespace,
    agent,
    pod,
    port: GATEWAY_PORT.number,
    localPort: port ?? usualPort(`${target.name}/${namespace}/${agent}`),
    onRestart: (why) => say(context, `${agent} restarted${why === undefined ? "" : `: ${why}`}; the page connects again by itself`),
    onDisconnected: (reason) => say(context, `${reason}; going on when it is back`),
  };
  try {
    return await forwardAgent(request);
  } catch (error) {
    if (port !== undefined || !isPortInUse(error)) throw error;
    say(context, `port ${request.localPort} is in use: another is taken, at which your browser has to be paired anew`);
    const { localPort: _taken, ...anyPort } = request;
    return forwardAgent(anyPort);
  }
}

async function lead(context: CliContext, link: OneTimeLink, shown: { readonly agent: string; readonly forward: PortForward; readonly browser: boolean }): Promise<void> {
  const { stdout, stderr, env } = context.process;
  const isOpen = shown.browser && (await openBrowser(link.address, env));
  if (isOpen) stderr.write(`${shown.agent}'s Control UI is in your browser, at http://${shown.forward.address}/. Ctrl-C ends it.\n`);
  else {
    stderr.write(`${shown.browser ? "no browser can be started from here: " : ""}open this address on this machine, once, within ten minutes\n`);
    stdout.write(`${link.address}\n`);
  }
  const outcome = await Promise.race([link.used.then(() => "used"), sleep(GOOD_FOR, "late", { signal: context.signal })]);
  await link.close();
  if (outcome === "late") say(context, "the link was not used in ten minutes and is not good any more: run `frota open` again");
  else if (!isOpen) stderr.write(`${shown.agent}'s Control UI is at http://${shown.forward.address}/ now. Ctrl-C ends it.\n`);
}

function portOf({ address }: PortForward): number {
  return Number(address.split(":")[1]);
}

/** An even port of the range, by name. */
function usualPort(name: string): number {
  return PORTS.first + 2 * (createHash("sha256").update(name).digest().readUInt32BE(0) % PORTS.pairs);
}

function say({ process }: CliContext, text: string): void {
  process.stderr.write(`${painter(process.stderr, process.env)("dim", `-- ${text}`)}\n`);
}
