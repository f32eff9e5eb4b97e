import type { Cluster } from "../../cluster/cluster.ts";
import type { FleetStatus } from "../../decide/status.ts";
import { fleetStatusOf } from "../../engine/operate/read-status.ts";
import { watchFleetStatus } from "../../engine/operated/watch-fleet-status.ts";
import { requireOperated, wayOf } from "../../engine/operated/way.ts";
import { FLEET_KIND } from "../../engine/operate/resource-kinds.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { liveScreen, withViewer } from "../terminal/live-screen.ts";
import { painter } from "../terminal/paint.ts";
import { rolloutFrame, rolloutText, wrappedRollouts } from "./rollout-text.ts";
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
  const { signal } = context;
  const viewer = viewerFor(context);
  return withViewer(viewer, signal, async () => {
    let last: FleetStatus | undefined;
    for await (const status of watchFleetStatus(cluster, namespace, signal)) {
      last = status;
      viewer.show(status);
      if (!isMoving(status)) break;
    }
    return last;
  });
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
  else if (status) stdout.write(wrappedRollouts(status, stdout, painter(stdout, env)));
  return status;
}

function isMoving({ rollouts }: FleetStatus): boolean {
  return rollouts.some(({ phase, waves }) => waves.length > 0 && phase !== "Halted" && phase !== "Held");
}

/** On a terminal each text replaces the one before; elsewhere a text is written when it differs. */
function viewerFor({ process: { stdout, env } }: CliContext): { show(status: FleetStatus): void; close(): void } {
  const paint = painter(stdout, env);
  if (stdout.isTTY === true) {
    const screen = liveScreen(stdout);
    return { show: (status) => screen.show(rolloutFrame(status, stdout, paint)), close: () => screen.close() };
  }
  let before = "";
  return {
    show(status) {
      const text = rolloutText(status, paint);
      if (text !== before) stdout.write(text);
      before = text;
    },
    close: () => undefined,
  };
}
