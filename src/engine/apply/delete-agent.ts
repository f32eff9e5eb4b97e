import { referenceOf, type Cluster, type KindReference } from "../../cluster/cluster.ts";
import { objectId, type ObjectId } from "../../plan/change-set.ts";
import type { Manifest } from "../../render/manifest.ts";
import { textAt } from "../../spec/plain-field.ts";
import { AGENT_LABEL } from "../observe/agent-facts.ts";
import { readNamespace } from "../observe/fleet-watch.ts";
import { AGENT_KIND } from "../operate/resource-kinds.ts";
import { agentNamesOf } from "../status/agent-status.ts";
import { unknownAgents } from "./restart-agents.ts";

/** What an agent is made of in the cluster. A volume claim is never among what goes. */
export interface AgentInventory {
  readonly name: string;
  readonly namespace: string;
  /** What deleting the agent deletes: its Agent resource first, from which the controller would make the others again; then its Deployment. */
  readonly removable: readonly Manifest[];
  readonly kept: readonly KeptVolume[];
}

/** A volume that stays. */
interface KeptVolume {
  readonly claim: ObjectId;
  /** Name of the bound PersistentVolume. */
  readonly volume?: string;
  readonly size?: string;
}

/** The Deployment goes first, so that nothing it needs goes while it runs. */
const KINDS: readonly KindReference[] = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" },
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "ServiceAccount" },
];

/** Reads what an agent is made of. Throws FrotaError AGENT_UNKNOWN where there is nothing of it. */
export async function readInventory(cluster: Cluster, namespace: string, name: string): Promise<AgentInventory> {
  const labelSelector = `${AGENT_LABEL}=${name},app.kubernetes.io/managed-by=frota`;
  const select = { namespace, labelSelector };
  const [claims, ...lists] = await Promise.all([
    cluster.list({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, select),
    agentResource(cluster, namespace, name),
    ...KINDS.map(async (kind) => ((await cluster.serves(kind)) ? cluster.list(kind, select) : [])),
  ]);
  const removable = lists.flat();
  if (removable.length === 0 && claims.length === 0) throw unknownAgents([name], namespace, agentNamesOf(await readNamespace(cluster, namespace)));
  return { name, namespace, removable, kept: claims.map(keptVolume) };
}

async function agentResource(cluster: Cluster, namespace: string, name: string): Promise<Manifest[]> {
  const found = (await cluster.serves(AGENT_KIND)) ? await cluster.get({ ...AGENT_KIND, namespace, name }) : undefined;
  return found ? [found] : [];
}

function keptVolume(claim: Manifest): KeptVolume {
  const volume = textAt(claim, "spec", "volumeName");
  const size = textAt(claim, "status", "capacity", "storage");
  return { claim: objectId(claim), ...(volume === undefined ? {} : { volume }), ...(size === undefined ? {} : { size }) };
}

/**
 * Deletes an agent's objects and keeps its volume. `onDeleted` hears of each object. The Secret that External Secrets made goes
 * with its ExternalSecret; Vault has what it held.
 */
export async function deleteAgent(
  cluster: Cluster,
  inventory: AgentInventory,
  onDeleted: (object: ObjectId) => void,
): Promise<void> {
  for (const object of inventory.removable) {
    const deleted = await cluster.delete(referenceOf(object), uidOf(object));
    if (deleted) onDeleted(objectId(object));
  }
}

function uidOf(object: Manifest): { uid?: string } {
  const uid = textAt(object, "metadata", "uid");
  return uid === undefined ? {} : { uid };
}
