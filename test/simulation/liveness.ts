import type { AgentStatus } from "../../src/decide/status.ts";
import type { Cluster } from "./cluster.ts";
import { imageOf, shortDigest } from "./images.ts";
import type { AgentObjects, Pod, Resource, Secret, Template } from "./model.ts";

/** What is wrong with a fleet that had all the time it needed: empty when it has settled. */
export function complaints(cluster: Cluster): string[] {
  const found = cluster.names.map((_, agent) => agentComplaint(cluster, agent)).filter((complaint) => complaint !== undefined);
  const stillHeld = cluster.own.fleet.suspended === undefined ? cluster.own.ledger.permits : [];
  for (const [name] of stillHeld) {
    const agent = cluster.names.indexOf(name);
    const { resource } = cluster.at(agent);
    if (resource === undefined || isSettled(cluster, agent, resource)) found.push(`${name} has a permit though it needs none`);
    else if (reasonIn(resource.status) === undefined) found.push(`${name} has a permit and does not say why`);
  }
  return found;
}

function agentComplaint(cluster: Cluster, agent: number): string | undefined {
  const objects = cluster.at(agent);
  const { resource, deployment } = objects;
  const name = cluster.names[agent] ?? "";
  if (cluster.own.fleet.suspended !== undefined) return undefined;
  if (resource === undefined) return deployment === undefined ? undefined : `${name} is not declared, but still runs`;
  if (resource.status === undefined) return `${name} has no status`;
  if (resource.status.observedGeneration !== resource.generation) return `${name}: its status is of generation ${resource.status.observedGeneration}, not ${resource.generation}`;
  if (isSettled(cluster, agent, resource)) return readyComplaint(name, resource);
  const gaps = gapsOf(cluster, agent, resource).join(", ");
  const excuse = excuseFor(cluster, agent, resource);
  if (excuse === undefined) return `${name} is not settled (${gaps}), and nothing stands in the way; its status says ${said(resource.status)}`;
  if (reasonIn(resource.status) === undefined) return `${name} is not settled (${gaps}) because of ${excuse}, and its status does not say so: ${said(resource.status)}`;
  return undefined;
}

function said(status: AgentStatus): string {
  return `${status.phase} ${status.conditions.map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`).join("; ")}`;
}

function readyComplaint(name: string, { status }: Resource): string | undefined {
  const ready = status?.conditions.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? undefined : `${name} is settled, but its status says ${ready?.status} ${ready?.reason}: ${ready?.message}`;
}

/** The reason for not being well or not being current, as the status has it. */
function reasonIn(status: AgentStatus | undefined): string | undefined {
  const condition = status?.conditions.find(({ type, status: value, message }) => message !== "" && (type === "Stalled" ? value === "True" : type !== "Reconciling" && value !== "True"));
  return condition?.reason;
}

/** Every agent is as declared, well and current: there is nothing to hope for. */
export function isPerfect(cluster: Cluster): boolean {
  return cluster.own.fleet.suspended === undefined && cluster.agents.every(({ resource }, agent) => resource !== undefined && isSettled(cluster, agent, resource));
}

function isSettled(cluster: Cluster, agent: number, resource: Resource): boolean {
  return gapsOf(cluster, agent, resource).length === 0;
}

/** The digest that the agent is to run. */
function desiredDigest(cluster: Cluster, resource: Resource): string | undefined {
  if (resource.pinned !== undefined) return resource.pinned;
  const revisions = cluster.own.revisions.filter(({ channel }) => channel === resource.channel).toSorted((left, right) => right.revision - left.revision);
  const usable = revisions.filter(({ rejected }) => rejected === undefined);
  // After a rejection what was complete once counts before what never got everywhere.
  const good = revisions[0]?.rejected === undefined ? undefined : usable.find(({ isProven }) => isProven);
  return (good ?? usable[0])?.digest;
}

function servingPod({ pods }: AgentObjects): Pod | undefined {
  return pods.find((pod) => pod.isReady && !pod.isTerminating);
}

/** Milliseconds by which the clocks of nodes and of the API server may differ. */
const CLOCKS = 2_000;

/** Its process has an older Secret; or it began so soon after the change that nobody can say which one it has, and is restarted to be sure. */
function isBehind(template: Template, pod: Pod, secret: Secret): boolean {
  if (template.secret === undefined || !secret.exists) return false;
  return pod.secret !== secret.version || (template.secret !== `hmac-${secret.version}` && (pod.startedAt ?? 0) < (secret.changedAt ?? 0) + CLOCKS);
}

/** How the agent is not as declared. */
function gapsOf(cluster: Cluster, agent: number, resource: Resource): string[] {
  const objects = cluster.at(agent);
  const { deployment, secret } = objects;
  const pod = servingPod(objects);
  if (deployment === undefined) return ["no Deployment"];
  if (pod === undefined) return ["not ready"];
  const { template } = deployment;
  const own = objects.objects;
  const gaps: [boolean, string][] = [
    [imageOf(pod.digest ?? "").behavior === "unhealthy", "unhealthy"],
    [template.version !== resource.template, "template"],
    [template.configuration !== resource.configuration || pod.loaded !== resource.configuration, "configuration"],
    [pod.hot !== resource.hot, "hot configuration"],
    [template.drift !== 0, "edited by hand"],
    [resource.onSecretChange === "restart" && isBehind(template, pod, secret), "secret"],
    [pod.digest !== desiredDigest(cluster, resource), `image ${shortDigest(pod.digest)} instead of ${shortDigest(desiredDigest(cluster, resource))}`],
    [own.service !== resource.template || own.externalSecret === undefined || own.configuration === undefined, "other objects"],
  ];
  return gaps.filter(([is]) => is).map(([, words]) => words);
}

/** What truly stands in the way, if anything does. */
// oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
function excuseFor(cluster: Cluster, agent: number, resource: Resource): string | undefined {
  const objects = cluster.at(agent);
  const { fleet, revisions } = cluster.own;
  const desired = desiredDigest(cluster, resource);
  const verb = fleet.operation?.verb;
  const running = objects.deployment?.template.digest ?? servingPod(objects)?.digest ?? objects.pods.at(-1)?.digest;
  const excuses: [boolean, string][] = [
    [resource.suspended !== undefined, "its suspension"],
    [resource.invalid !== undefined, "its invalid specification"],
    [objects.secret.keys < resource.keys, "missing keys"],
    [verb === "pause", "a pause"],
    [desired === undefined, "no usable image"],
    [desired !== undefined && imageOf(desired).version < (objects.claim?.touched ?? 0), "an image older than its state"],
    [desired !== undefined && imageOf(desired).behavior !== "good", "a bad image"],
    [running !== undefined && imageOf(running).behavior !== "good", "a bad image that it runs"],
    [running !== undefined && imageOf(running).version < (objects.claim?.touched ?? 0), "its image, older than its state"],
    [objects.deployment?.failed?.digest === desired, "an earlier failure on that image"],
    [revisions.some((revision) => revision.channel === resource.channel && revision.rejected !== undefined && revision.digest === running), "a rejected image that it keeps"],
    [budgetIsUsed(cluster, agent), "other agents that are down"],
    [causeIsSuspect(cluster, agent), "another agent that did not survive a restart for a cause of this one"],
    [rolloutIsStuck(cluster, resource) || rolloutWaits(cluster, agent, resource), "a rollout that does not go on"],
  ];
  return excuses.find(([is]) => is)?.[1];
}

function budgetIsUsed(cluster: Cluster, agent: number): boolean {
  let down = 0;
  cluster.names.forEach((_, other) => {
    const objects = cluster.at(other);
    const pod = servingPod(objects);
    const isDown = objects.resource !== undefined && objects.deployment !== undefined && (pod === undefined || imageOf(pod.digest ?? "").behavior === "unhealthy");
    if (other !== agent && isDown) down += 1;
  });
  return down >= cluster.own.fleet.maxDisrupted;
}

/** The waves wait for an agent that was restarted and cannot start again before people do something. */
function rolloutWaits(cluster: Cluster, agent: number, { channel }: Resource): boolean {
  return cluster.names.some((name, other) => {
    const { resource, secret } = cluster.at(other);
    if (other === agent || resource === undefined || resource.pinned !== undefined || resource.channel !== channel || !cluster.own.ledger.permits.has(name)) return false;
    return resource.suspended !== undefined || resource.invalid !== undefined || secret.keys < resource.keys;
  });
}

/** An agent that was well did not survive such a restart: nobody else is restarted for it until that one is mended. */
function causeIsSuspect(cluster: Cluster, agent: number): boolean {
  return cluster.names.some((name, other) => {
    const permit = cluster.own.ledger.permits.get(name);
    const { deployment } = cluster.at(other);
    return other !== agent && permit !== undefined && permit.cause !== "Image" && permit.isRemedy !== true && deployment?.restart?.id === permit.id;
  });
}

/** Another agent of that channel cannot be put on the image, and the waves wait for it. */
function rolloutIsStuck(cluster: Cluster, resource: Resource): boolean {
  const rollout = cluster.own.fleet.status?.rollouts.find(({ channel }) => channel === resource.channel);
  return rollout !== undefined && rollout.phase !== "Complete" && rollout.phase !== "Progressing" && rollout.phase !== "RollingBack" && rollout.message !== "";
}
