import { referenceOf } from "../../../cluster/cluster.ts";
import { processOf } from "../../../decide/world.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { applyHotConfiguration, type HotOutcome } from "../../gateway/hot-configuration.ts";
import { subjectOf } from "./announce.ts";
import type { ActContext } from "./context.ts";
import { desiredOf } from "./objects.ts";
import { configurationIn, isConfiguration, toldSoFar, writeConfiguration } from "./write-configuration.ts";

/**
 * Brings declared configuration to the agent: the keys that its running gateway can take over through the gateway, and all of it into its
 * ConfigMap. The ConfigMap comes last: until then the next turn sees what is still to do.
 */
export async function configureAgent(context: ActContext, agent: string, throughGateway: boolean): Promise<void> {
  const manifest = desiredOf(context, agent).supporting.find((object) => isConfiguration(object, agent));
  if (!manifest) return;
  const takenBy = throughGateway ? await configureGateway(context, agent, manifest) : undefined;
  await writeConfiguration(context, agent, { manifest, takenBy });
}

/** @returns the process that has what is declared; undefined where none could be reached */
async function configureGateway(context: ActContext, agent: string, manifest: Manifest): Promise<string | undefined> {
  // Looked up before anything is asked: should a newer process answer, the older is put on record, and the newer is asked once more.
  const pod = context.gateways.servingPod(agent)?.facts;
  const gateway = await context.gateways.client(agent);
  if (!pod || !gateway) return undefined;
  const live = await context.cluster.get(referenceOf(manifest));
  const base = toldSoFar(live, context.cache.configMap(manifest.metadata.name), [pod]);
  const outcome = await applyHotConfiguration({ gateway, base, declared: configurationIn(manifest) });
  await announceOutcome(context, agent, outcome);
  return processOf(pod);
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
