import { referenceOf } from "../../../cluster/cluster.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { CONFIGURATION_KEY } from "../../../render/start-guard.ts";
import type { PlainMap } from "../../../spec/plain-data.ts";
import { textAt } from "../../../spec/plain-field.ts";
import { applyHotConfiguration, type HotOutcome } from "../../hot-configuration.ts";
import { parsePlainMap } from "../parse.ts";
import { subjectOf } from "./announce.ts";
import type { ActContext } from "./context.ts";
import { desiredOf } from "./objects.ts";

/**
 * Brings declared configuration to the agent: the keys that its running gateway can take over through the gateway, and all of it into its
 * ConfigMap. The ConfigMap comes last: until then the next turn sees what is still to do.
 */
export async function configureAgent(context: ActContext, agent: string, throughGateway: boolean): Promise<void> {
  const manifest = configurationOf(desiredOf(context, agent).supporting, agent);
  if (!manifest) return;
  const gateway = throughGateway ? await context.gateways.client(agent) : undefined;
  if (gateway) {
    const live = await context.cluster.get(referenceOf(manifest));
    const outcome = await applyHotConfiguration({ gateway, base: dataOf(live), declared: dataOf(manifest) });
    await announceOutcome(context, agent, outcome);
  }
  await context.cluster.apply(manifest, { force: true });
}

async function announceOutcome({ cache, announcer, namespace }: ActContext, agent: string, { patched, conflicts }: HotOutcome): Promise<void> {
  const resource = cache.agent(agent);
  if (!resource) return;
  const subject = subjectOf(resource, namespace);
  if (patched.length > 0) {
    await announcer.announce(subject, { type: "announce", severity: "Normal", reason: "Reconfigured", message: `taken over without a restart: ${patched.join(", ")}` });
  }
  if (conflicts.length > 0) {
    const words = conflicts.map(({ path, resolution }) => `${path} (${resolution === "declared-won" ? "the declared value won" : "no longer declared; the agent's own stays"})`);
    await announcer.announce(subject, { type: "announce", severity: "Warning", reason: "ConfigurationConflict", message: `the agent had changed itself: ${words.join(", ")}` });
  }
}

function configurationOf(supporting: readonly Manifest[], agent: string): Manifest | undefined {
  return supporting.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === `${agent}-config`);
}

function dataOf(manifest: Manifest | undefined): PlainMap {
  return parsePlainMap(textAt(manifest, "data", CONFIGURATION_KEY)) ?? {};
}
