import { agentNamesOf } from "../engine/agent-status.ts";
import { deleteAgent, readInventory, type AgentInventory } from "../engine/delete-agent.ts";
import { readNamespace } from "../engine/fleet-watch.ts";
import { agentReference } from "../engine/operated/request.ts";
import { requireAgents } from "../engine/operated/require-agents.ts";
import { AGENT_KIND } from "../engine/operated/resource-kinds.ts";
import { isReconciled, wayOf } from "../engine/operated/way.ts";
import { restartAgents } from "../engine/restart-agents.ts";
import { objectId } from "../plan/change-set.ts";
import { FrotaError } from "../spec/error.ts";
import { applyView } from "./apply-view.ts";
import { idText } from "./change-summary.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "./context.ts";
import { openNamespace } from "./namespace-target.ts";
import { requestRestarts } from "./operated-actions.ts";
import { typedAnswer } from "./typed-answer.ts";

/** Restarts the named agents, or all of them. */
export async function restart(
  context: CliContext,
  flags: ClusterFlags & { readonly all: boolean; readonly timeout: number },
  names: readonly string[],
): Promise<void> {
  if (flags.all === names.length > 0) {
    throw new FrotaError({
      code: "AGENTS_NOT_NAMED",
      message: "name the agents to restart, or give --all",
      next: "frota restart clovis",
      outcome: "usage",
    });
  }
  const target = await openNamespace(context, flags);
  const { cluster, namespace } = target;
  const agents = flags.all ? agentNamesOf(await readNamespace(cluster, namespace)) : names;
  if (isReconciled(await wayOf(cluster, namespace, new Date()))) {
    await requireAgents(cluster, namespace, agents);
    await requestRestarts(context, target, { names: agents, timeout: flags.timeout * 1000 });
    return;
  }
  const view = applyView(context);
  try {
    const { signal } = context;
    const timeout = flags.timeout * 1000;
    await restartAgents({ cluster, namespace, agents, timeout, signal, now: () => new Date(), onEvent: view.onEvent });
  } finally {
    view.close();
  }
}

/** Deletes an agent's objects after a confirmation; its volume stays. */
export async function remove(
  context: CliContext,
  flags: ClusterFlags & { readonly yes: boolean },
  name: string,
): Promise<void> {
  const { cluster, namespace, target } = await openNamespace(context, flags);
  const inventory = await readInventory(cluster, namespace, name);
  const { stderr } = context.process;
  stderr.write(`${target.name}, namespace ${namespace}: deletes ${inventory.removable.map((object) => idText(objectId(object))).join(", ") || "nothing"}\n`);
  stderr.write(keptText(inventory));
  if (!flags.yes) await confirm(context, name);
  // Its resource goes first: the controller would make again what is deleted.
  if (await cluster.serves(AGENT_KIND)) await cluster.delete(agentReference(namespace, name));
  await deleteAgent(cluster, inventory, (object) => stderr.write(`  deleted ${idText(object)}\n`));
  stderr.write(`${name} is deleted. Its memory is kept; \`frota apply ${name}\` brings it back with it.\n`);
}


function keptText({ kept }: AgentInventory): string {
  const volumes = kept.map(({ claim, volume, size }) =>
    [`PersistentVolumeClaim ${claim.name}`, size, volume === undefined ? undefined : `volume ${volume}`]
      .filter((part) => part !== undefined)
      .join(", "),
  );
  // The operator's Secret belongs to the ExternalSecret and goes with it; Vault has what it held.
  return `keeps ${volumes.join("; ") || "no volume: there is none"}; everything in Vault\n`;
}

async function confirm(context: CliContext, name: string): Promise<void> {
  const refused = (message: string) =>
    new FrotaError({ code: "NOT_CONFIRMED", message, next: `frota delete ${name} --yes`, outcome: "refused" });
  if (context.process.stdin.isTTY !== true) throw refused("deleting an agent needs a confirmation, and there is no terminal to ask on");
  const answer = await typedAnswer(context, "Type the agent's name to delete it: ");
  if (answer !== name) throw refused("the name was not confirmed; nothing was changed");
}
