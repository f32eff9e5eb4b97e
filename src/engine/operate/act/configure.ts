import { referenceOf } from "../../../cluster/cluster.ts";
import type { Manifest } from "../../../render/manifest.ts";
import { CONFIGURATION_KEY } from "../../../render/start-guard.ts";
import type { PlainMap } from "../../../spec/plain-data.ts";
import { textAt } from "../../../spec/plain-field.ts";
import { applyHotConfiguration } from "../../hot-configuration.ts";
import { parsePlainMap } from "../parse.ts";
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
    await applyHotConfiguration({ gateway, base: dataOf(live), declared: dataOf(manifest) });
  }
  await context.cluster.apply(manifest, { force: true });
}

function configurationOf(supporting: readonly Manifest[], agent: string): Manifest | undefined {
  return supporting.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === `${agent}-config`);
}

function dataOf(manifest: Manifest | undefined): PlainMap {
  return parsePlainMap(textAt(manifest, "data", CONFIGURATION_KEY)) ?? {};
}
