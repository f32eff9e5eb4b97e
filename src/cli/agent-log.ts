import { CONTAINER, podFacts } from "../engine/agent-facts.ts";
import { agentObjects, readNamespace } from "../engine/fleet-watch.ts";
import { unknownAgents } from "../engine/restart-agents.ts";
import { FrotaError } from "../spec/error.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { openNamespace } from "./namespace-target.ts";

/** Flags of `frota logs`. */
export interface LogFlags extends ClusterFlags {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tail?: number;
  /** Seconds. */
  readonly since?: number;
}

/** Prints an agent's log: of the newest pod that has one. */
export async function showLog(context: CliContext, flags: LogFlags, name: string): Promise<void> {
  const { cluster, namespace } = await openNamespace(context, flags);
  const objects = agentObjects(await readNamespace(cluster, namespace), name);
  if (!objects.deployment && objects.pods.length === 0) throw unknownAgents([name], namespace);
  const pods = objects.pods.map(podFacts).toSorted((one, other) => other.created.localeCompare(one.created));
  const pod = pods.find((candidate) => candidate.isScheduled && candidate.waiting?.reason !== "ContainerCreating") ?? pods[0];
  if (!pod) throw noLog(name, `${name} has no pod`);
  if (!pod.isScheduled) throw noLog(name, `${name}'s pod ${pod.name} has not started yet`);
  const lines = cluster.podLogs(
    { namespace, name: pod.name },
    {
      container: CONTAINER,
      follow: flags.follow,
      previous: flags.previous,
      signal: context.signal,
      ...(flags.tail === undefined ? {} : { tailLines: flags.tail }),
      ...(flags.since === undefined ? {} : { sinceSeconds: Math.ceil(flags.since) }),
    },
  );
  for await (const line of lines) context.process.stdout.write(`${line}\n`);
}

function noLog(name: string, message: string): FrotaError {
  return new FrotaError({ code: "NO_LOG", message, next: `\`frota status ${name}\` says why` });
}
