import type { Cluster } from "../../cluster/cluster.ts";
import type { FleetStatus } from "../../decide/status.ts";
import { watchFleetStatus } from "../../engine/operated/watch-fleet-status.ts";
import { requireOperated, wayOf } from "../../engine/operated/way.ts";
import { FLEET_KIND } from "../../engine/operated/resource-kinds.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { fleetStatusOf } from "../../engine/operate/read-status.ts";
import { rolloutText } from "./rollout-text.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

type RolloutFlags = ClusterFlags & { readonly output?: OutputFormat; readonly watch: boolean };

/** Shows the fleet's rollouts once, or as they go until nothing moves any more. */
export async function showRollouts(context: CliContext, flags: RolloutFlags): Promise<void> {
  const { cluster, namespace } = await openNamespace(context, flags);
  const { stderr } = context.process;
  try {
    const way = await wayOf(cluster, namespace, new Date());
    requireOperated(way, namespace);
    if (!way.liveness.isLive) stderr.write("warning: no controller is live: this is what the last one wrote (`frota controller status`)\n");
    const status = await (flags.watch ? followed(context, cluster, namespace) : shownOnce(context, cluster, { namespace, ...flags }));
    if (!status) stderr.write(`namespace ${namespace} has no status of a Fleet yet\n`);
    if (!status || status.rollouts.some(({ phase }) => phase !== "Complete")) context.process.exitCode = EXIT.no;
  } finally {
    cluster.close();
  }
}

async function followed(context: CliContext, cluster: Cluster, namespace: string): Promise<FleetStatus | undefined> {
  const { stdout, env } = context.process;
  const screen = redrawing(context);
  let last: FleetStatus | undefined;
  for await (const status of watchFleetStatus(cluster, namespace, context.signal)) {
    last = status;
    screen(rolloutText(status, painter(stdout, env)));
    if (!isMoving(status)) break;
  }
  return last;
}

async function shownOnce(
  context: CliContext,
  cluster: Cluster,
  { namespace, output }: { readonly namespace: string; readonly output?: OutputFormat },
): Promise<FleetStatus | undefined> {
  const { stdout, env } = context.process;
  const [fleet] = await cluster.list(FLEET_KIND, { namespace });
  const status = fleetStatusOf(fleet);
  if (output !== undefined) await writeStructured({ rollouts: status?.rollouts ?? [] }, output, stdout);
  else if (status) stdout.write(rolloutText(status, painter(stdout, env)));
  return status;
}

function isMoving({ rollouts }: FleetStatus): boolean {
  return rollouts.some(({ phase, waves }) => waves.length > 0 && phase !== "Halted" && phase !== "Held");
}

/** On a terminal each text replaces the one before; elsewhere a text is written when it differs. */
function redrawing(context: CliContext): (text: string) => void {
  const { stdout } = context.process;
  let before = "";
  return (text) => {
    if (text === before) return;
    const lines = before.split("\n").length - 1;
    stdout.write(stdout.isTTY === true && lines > 0 ? `\u001B[${lines}F\u001B[J${text}` : text);
    before = text;
  };
}
