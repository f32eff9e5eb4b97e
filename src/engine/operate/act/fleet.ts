import type { FleetAction } from "../../../decide/action.ts";
import type { ImageRevision } from "../../../decide/fleet-world.ts";
import { isPlainMap } from "../../../spec/plain-data.ts";
import { textAt } from "../../../spec/plain-field.ts";
import { AGENT_KIND } from "../resource-kinds.ts";
import { OPERATED } from "../annotations.ts";
import { AGENT_DEFINITION, DEFINITION_KIND } from "../fleet-kinds.ts";
import { encodeLedger, LEDGER_NAME } from "../ledger.ts";
import { encodeRevision } from "../revisions.ts";
import { slimDefinition } from "../slim-definition.ts";
import type { ActContext } from "./context.ts";

/**
 * Replaces the ledger by compare-and-swap: throws CONFLICT when somebody wrote it since. A plain patch, not server-side apply: entries
 * must go whoever wrote them.
 */
export async function writeLedger({ cluster, cache, namespace }: ActContext, action: Extract<FleetAction, { type: "write-ledger" }>): Promise<void> {
  const { permits, resourceVersion } = action;
  const manifest = encodeLedger(namespace, permits, resourceVersion);
  if (resourceVersion === undefined) {
    await cluster.create(manifest);
    return;
  }
  const { name } = manifest.metadata;
  const before = cache.ledger()?.["data"];
  const removed = Object.fromEntries(Object.keys(isPlainMap(before) ? before : {}).map((agent) => [agent, null]));
  const data = isPlainMap(manifest["data"]) ? manifest["data"] : {};
  await cluster.mergePatch({ apiVersion: "v1", kind: "ConfigMap", namespace, name }, { metadata: { resourceVersion }, data: { ...removed, ...data } });
}

/** Records or marks a digest that a channel resolved to. */
export async function writeRevision({ cluster, cache, namespace }: ActContext, revision: ImageRevision): Promise<void> {
  const name = cache.fleet()?.metadata.name ?? "fleet";
  await cluster.apply(encodeRevision({ name, namespace }, revision), { force: true });
}

/** Deletes a revision; throws CONFLICT when somebody marked it since. */
export async function forgetRevision({ cluster, cache, namespace }: ActContext, name: string): Promise<void> {
  const resourceVersion = textAt([...cache.revisions()].find(({ metadata }) => metadata.name === name), "metadata", "resourceVersion");
  const reference = { apiVersion: "apps/v1", kind: "ControllerRevision", namespace, name };
  if (resourceVersion !== undefined) await cluster.delete(reference, { resourceVersion });
}

/**
 * Puts the definition of Agents on record, if everything that runs is declared under it indeed: caches may be behind, and a record that
 * is wrong would take agents down. Otherwise nothing is written, and it is decided again.
 */
export async function recordDefinition({ cluster, cache, namespace }: ActContext, uid: string): Promise<void> {
  const declared = new Set((await cluster.list(AGENT_KIND, { namespace })).map(({ metadata }) => metadata.name));
  const live = await cluster.get({ ...DEFINITION_KIND, name: AGENT_DEFINITION });
  const definition = live && slimDefinition(live);
  const isSo = definition?.uid === uid && !definition.isTerminating && cache.agentNames().every((name) => declared.has(name));
  if (!isSo) return;
  const annotations = { [OPERATED.agentDefinition]: uid };
  if (!cache.ledger()) await cluster.create(encodeLedger(namespace, new Map()));
  await cluster.mergePatch({ apiVersion: "v1", kind: "ConfigMap", namespace, name: LEDGER_NAME }, { metadata: { annotations } });
}
