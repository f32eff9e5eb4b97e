import { withoutWrites } from "../../cluster/dry-run.ts";
import { deleteAgent, readInventory, type AgentInventory } from "../../engine/apply/delete-agent.ts";
import { fleetReport, readFleetWorld } from "../../engine/status/fleet-report.ts";
import { declaredAgents } from "../../engine/operated/declared-agents.ts";
import { freezeText } from "../../engine/operated/hold.ts";
import { agentReference, requestRestart } from "../../engine/operated/request.ts";
import { suspensionWords } from "../../engine/operated/standstill.ts";
import { isReconciled, wayOf } from "../../engine/operated/way.ts";
import { markRestart, restartAgents } from "../../engine/apply/restart-agents.ts";
import { deployedAgents, requireSecrets } from "../../engine/secrets/require-secrets.ts";
import { objectId } from "../../plan/change-set.ts";
import { FrotaError } from "../../spec/error.ts";
import { requireChoice, selectedAgents, type ChoiceFlags } from "../target/agent-choice.ts";
import { applyView } from "../fleet/apply-view.ts";
import { idText } from "../fleet/change-summary.ts";
import { DRY_RUN, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { requestRestarts } from "./operated-actions.ts";
import { requestStamp } from "./requester.ts";
import { typedAnswer } from "../terminal/typed-answer.ts";

/** Flags of `frota restart`. */
export interface RestartFlags extends ClusterFlags, ChoiceFlags {
  /** Seconds. */
  readonly timeout: number;
  readonly dryRun: boolean;
}

/** Restarts the named agents, the selected ones, or all of them. */
export async function restart(context: CliContext, flags: RestartFlags, names: readonly string[]): Promise<void> {
  requireChoice("restart", flags, names);
  const target = await openNamespace(context, flags);
  const { cluster, namespace } = target;
  const agents = names.length > 0 ? names : await selectedAgents(target, flags.selector);
  const isOperated = isReconciled(await wayOf(cluster, namespace, new Date()));
  if (flags.dryRun) return sayRestarts(context, target, { agents, isOperated });
  if (isOperated) {
    await requireSecrets(cluster, namespace, await declaredAgents(cluster, namespace, agents));
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

/** Says who would restart and what would keep it waiting, with the API server's word that it may be asked for. */
async function sayRestarts(context: CliContext, { cluster, namespace, declared }: NamespaceTarget, { agents, isOperated }: { readonly agents: readonly string[]; readonly isOperated: boolean }): Promise<void> {
  const { stderr } = context.process;
  const now = new Date();
  const report = fleetReport(await readFleetWorld(cluster, { namespace, declared }, now), { names: agents }, now);
  await requireSecrets(cluster, namespace, await (isOperated ? declaredAgents : deployedAgents)(cluster, namespace, agents));
  const dry = withoutWrites(cluster);
  stderr.write(DRY_RUN);
  for (const { name, suspension } of report.agents) {
    if (isOperated) await requestRestart(dry, agentReference(namespace, name), requestStamp());
    else await markRestart(dry, namespace, { agent: name, at: now });
    const waits = suspension ?? report.suspension;
    const freeze = waits ? undefined : report.freezes[0];
    const why = waits ? `; it would wait: suspended ${suspensionWords(waits)}` : freeze ? `; it would wait: ${freezeText(freeze)}` : "";
    stderr.write(`  ${name}: a restart, ${isOperated ? "asked of the controller" : "when those before it are Ready"}${why}\n`);
  }
}

/** Deletes an agent's objects after a confirmation; its volume stays. */
export async function remove(
  context: CliContext,
  flags: ClusterFlags & { readonly yes: boolean; readonly dryRun: boolean },
  name: string,
): Promise<void> {
  const { cluster, namespace, target } = await openNamespace(context, flags);
  const inventory = await readInventory(cluster, namespace, name);
  const { stderr } = context.process;
  if (flags.dryRun) stderr.write(DRY_RUN);
  stderr.write(`${target.name}, namespace ${namespace}: deletes ${inventory.removable.map((object) => idText(objectId(object))).join(", ") || "nothing"}\n`);
  stderr.write(keptText(inventory));
  if (flags.dryRun) return;
  if (!flags.yes) await confirm(context, name);
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
