import { GRACE, MINUTE, SECOND, type Cluster } from "./cluster.ts";
import { imageOf, shortDigest, versionName } from "./images.ts";
import type { Configuration, Node, Pod } from "./model.ts";

/** The longest that a kubelet takes to bring a changed ConfigMap to a pod that runs. */
const MOUNT_LAG = 90 * SECOND;

/** Has a process that may write to the volume. */
export function holdsVolume(pod: Pod): boolean {
  return pod.phase === "booting" || pod.phase === "running" || pod.phase === "draining" || (pod.phase === "lost" && pod.startedAt !== undefined);
}

/** Lets true time pass until then: Deployments, pods, External Secrets and pulls do what is due, in order. */
export function passTime(cluster: Cluster, until: number): void {
  for (let guard = 0; ; guard += 1) {
    reconcileDeployments(cluster);
    const due = nextDue(cluster);
    if (due > until) break;
    if (guard > 100_000) throw new Error("time does not pass: the model is broken");
    cluster.now = Math.max(cluster.now, due);
    runDue(cluster);
  }
  cluster.now = Math.max(cluster.now, until);
}

/** When something changes by itself next. */
export function nextDue(cluster: Cluster): number {
  let due = cluster.nextSecretSync;
  for (const { pods } of cluster.agents) for (const pod of pods) if (pod.due < due) due = pod.due;
  for (const pull of cluster.own.prePulls) if (pull.due < due) due = pull.due;
  return due;
}

function runDue(cluster: Cluster): void {
  if (cluster.nextSecretSync <= cluster.now) syncSecrets(cluster);
  for (let agent = 0; agent < cluster.agents.length; agent += 1) {
    for (const pod of cluster.at(agent).pods) if (pod.due <= cluster.now) runPod(cluster, agent, pod);
  }
  if (cluster.own.prePulls.some((pull) => pull.due <= cluster.now)) finishPrePulls(cluster);
}

/** The Deployment controller, strategy Recreate. */
function reconcileDeployments(cluster: Cluster): void {
  for (let agent = 0; agent < cluster.agents.length; agent += 1) {
    const { deployment, pods } = cluster.at(agent);
    if (deployment === undefined) {
      for (const pod of pods) terminate(cluster, agent, pod);
      continue;
    }
    if (!deployment.isObserved) {
      cluster.at(agent).deployment = { ...deployment, isObserved: true, resourceVersion: cluster.next() };
      cluster.version += 1;
    }
    recreate(cluster, agent);
  }
}

// oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
function recreate(cluster: Cluster, agent: number): void {
  const { deployment, pods } = cluster.at(agent);
  if (deployment === undefined) return;
  let old = 0;
  let current = 0;
  for (const pod of pods) {
    if (pod.phase === "finished") continue;
    if (pod.revision !== deployment.revision || deployment.replicas === 0) {
      old += 1;
      if (!pod.isTerminating) terminate(cluster, agent, pod);
    } else if (!pod.isTerminating) current += 1;
  }
  if (old === 0 && current === 0 && deployment.replicas === 1) createPod(cluster, agent);
}

function createPod(cluster: Cluster, agent: number): void {
  const objects = cluster.at(agent);
  const { deployment } = objects;
  if (deployment === undefined) return;
  const isFirst = (cluster.launched[agent] ?? 0) < deployment.revision;
  cluster.launched[agent] = deployment.revision;
  const pod: Pod = {
    uid: `pod-${cluster.next()}`, agent: cluster.names[agent] ?? "", revision: deployment.revision, template: deployment.template,
    cause: isFirst ? deployment.cause : "PodReplaced", phase: "unscheduled", due: cluster.now + SECOND / 5, isTerminating: false, createdAt: cluster.now,
    isReady: false, restarts: 0, busyUntil: 0, isHung: false, hot: 0, loaded: 0, secret: 0,
  };
  objects.pods = [...objects.pods, pod];
  cluster.version += 1;
}

/** Somebody deletes the pod: it drains, at most for the grace period. */
export function terminate(cluster: Cluster, agent: number, pod: Pod): void {
  if (pod.isTerminating) return;
  if (pod.phase === "lost") {
    cluster.setPod(agent, pod.uid, { ...pod, isTerminating: true, isReady: false });
    return;
  }
  const hasProcess = holdsVolume(pod);
  const left = pod.isHung ? GRACE : Math.min(GRACE, Math.max(SECOND, pod.busyUntil - cluster.now));
  cluster.setPod(agent, pod.uid, {
    ...pod, isTerminating: true, isReady: false, ...(pod.isReady ? { readyChangedAt: cluster.now } : {}),
    phase: hasProcess ? "draining" : "finished", due: cluster.now + (hasProcess ? left : SECOND),
  });
  cluster.touchDeployment(agent);
}

function runPod(cluster: Cluster, agent: number, pod: Pod): void {
  switch (pod.phase) {
    case "unscheduled": return schedule(cluster, agent, pod);
    case "pulling": return pulled(cluster, agent, pod);
    case "locked": return takeLock(cluster, agent, pod);
    case "booting": return booted(cluster, agent, pod);
    case "running": return crash(cluster, agent, pod, pod.isReady ? "the gateway ended" : "startup probe failed");
    case "backoff": return startProcess(cluster, agent, pod, pod.restarts + 1);
    default: cluster.setPod(agent, pod.uid, undefined);
  }
}

function schedule(cluster: Cluster, agent: number, pod: Pod): void {
  const up = cluster.own.nodes.map((node, index) => (node.isUp ? index : -1)).filter((index) => index >= 0);
  const node = up[cluster.random.below(Math.max(1, up.length))];
  if (node === undefined) {
    cluster.setPod(agent, pod.uid, { ...pod, due: cluster.now + 30 * SECOND, waiting: { reason: "Unschedulable", message: "no node is ready" } });
    return;
  }
  cluster.setPod(agent, pod.uid, { ...withoutWaiting(pod), node, phase: "pulling", due: cluster.now + pullTime(cluster, node, pod.template.digest) });
}

/** How long an image takes to a node. */
export function pullTime(cluster: Cluster, node: number, digest: string | undefined): number {
  if (digest !== undefined && cluster.own.nodes[node]?.images.has(digest) === true) return SECOND;
  return cluster.away.slowPulls > cluster.now ? cluster.random.between(5, 15) * MINUTE : cluster.random.between(5, 60) * SECOND;
}

// oxlint-disable-next-line complexity -- a flat list of cases reads best in one place
function pulled(cluster: Cluster, agent: number, pod: Pod): void {
  const node = cluster.own.nodes[pod.node ?? 0];
  const isThere = pod.template.digest !== undefined && node?.images.has(pod.template.digest) === true;
  if (!isThere && cluster.away.registry > cluster.now) {
    const waiting = { reason: "ImagePullBackOff", message: "the registry does not answer" };
    cluster.setPod(agent, pod.uid, { ...pod, due: cluster.now + 30 * SECOND, waiting });
    return;
  }
  const digest = pod.template.digest ?? cluster.tags.get(cluster.at(agent).resource?.channel ?? "latest") ?? "";
  addImage(cluster, pod.node ?? 0, digest);
  const lacks = lacking(cluster, agent);
  if (lacks !== undefined) {
    const waiting = { reason: "CreateContainerConfigError", message: `${lacks} not found` };
    cluster.setPod(agent, pod.uid, { ...pod, due: cluster.now + 10 * SECOND, waiting });
    return;
  }
  startProcess(cluster, agent, { ...pod, digest }, pod.restarts);
}

function lacking(cluster: Cluster, agent: number): string | undefined {
  const { secret, objects, claim } = cluster.at(agent);
  if (!secret.exists) return "Secret";
  if (claim === undefined) return "PersistentVolumeClaim";
  return objects.configuration === undefined ? "ConfigMap" : undefined;
}

function addImage(cluster: Cluster, index: number, digest: string): void {
  const { nodes } = cluster.own;
  if (nodes[index]?.images.has(digest) === true) return;
  const node = nodes[index];
  if (node !== undefined) cluster.own.nodes = nodes.with(index, { ...node, images: new Set([...node.images, digest]) });
  cluster.version += 1;
}

/** `start.sh` begins: it waits for the volume. */
function startProcess(cluster: Cluster, agent: number, pod: Pod, restarts: number): void {
  const cause = restarts > pod.restarts ? "ContainerExit" : pod.cause;
  const mounted = mountedIn(cluster, agent, pod);
  const taken = mounted === undefined ? {} : { hot: mounted.hot, loaded: mounted.configuration, mounted };
  const started: Pod = { ...withoutWaiting(pod), ...taken, secret: cluster.at(agent).secret.version, phase: "locked", startedAt: cluster.now, restarts, cause, isHung: false, due: cluster.now };
  cluster.setPod(agent, pod.uid, started);
  cluster.watcher?.podStarts(agent, started);
}

/** A container that begins again in its pod may find what the ConfigMap held before. */
function mountedIn(cluster: Cluster, agent: number, pod: Pod): Configuration | undefined {
  const { configuration } = cluster.at(agent).objects;
  const isBehind = configuration !== undefined && cluster.now - configuration.writtenAt < MOUNT_LAG;
  return isBehind ? (pod.mounted ?? configuration) : (configuration ?? pod.mounted);
}

/** The start guard, then OpenClaw. */
function takeLock(cluster: Cluster, agent: number, pod: Pod): void {
  const objects = cluster.at(agent);
  if (!cluster.without.has("volume lock") && objects.pods.some((other) => other.uid !== pod.uid && holdsVolume(other))) {
    cluster.setPod(agent, pod.uid, { ...pod, due: Infinity });
    return;
  }
  const image = imageOf(pod.digest ?? "");
  const claim = objects.claim ?? { isBound: false, isRetained: false, recorded: 0, touched: 0, ready: 0 };
  if (image.version < claim.touched) {
    return crash(cluster, agent, pod, `OpenClaw ${versionName(image.version)} is older than ${versionName(claim.touched)}, which last ran on this state`);
  }
  if (objects.secret.keys < (objects.resource?.keys ?? 0)) return crash(cluster, agent, pod, "a required secret is missing");
  if (image.behavior !== "exits") objects.claim = { ...claim, isBound: true, touched: Math.max(claim.touched, image.version) };
  cluster.setPod(agent, pod.uid, { ...pod, phase: "booting", due: cluster.now + cluster.random.between(10, 60) * SECOND });
}

function booted(cluster: Cluster, agent: number, pod: Pod): void {
  const image = imageOf(pod.digest ?? "");
  if (image.behavior === "exits") return crash(cluster, agent, pod, "this OpenClaw does not run on this Node");
  if (image.behavior === "never-ready") {
    cluster.setPod(agent, pod.uid, { ...pod, phase: "running", due: cluster.now + 10 * MINUTE });
    return;
  }
  const { claim } = cluster.at(agent);
  if (claim !== undefined) cluster.at(agent).claim = { ...claim, ready: Math.max(claim.ready, image.version) };
  const due = image.behavior === "dies-in-bake" ? cluster.now + cluster.random.between(10, 200) * SECOND : Infinity;
  const ready: Pod = { ...pod, phase: "running", isReady: true, readyChangedAt: cluster.now, due };
  cluster.setPod(agent, pod.uid, ready);
  cluster.touchDeployment(agent);
  cluster.tell(() => `kubelet: ${pod.agent} is ready on image ${shortDigest(pod.digest)}`);
  cluster.watcher?.podReady(agent, ready);
}

/** The container ends by itself. */
export function crash(cluster: Cluster, agent: number, pod: Pod, message: string): void {
  const exitCode = pod.phase === "locked" ? 78 : 1;
  const wait = Math.min(300, 10 * 2 ** Math.min(pod.restarts, 5)) * SECOND;
  cluster.setPod(agent, pod.uid, {
    ...withoutStart(pod), phase: "backoff", isReady: false, ...(pod.isReady ? { readyChangedAt: cluster.now } : {}), due: cluster.now + wait, isHung: false,
    waiting: { reason: "CrashLoopBackOff" }, ended: { reason: "Error", exitCode, message },
  });
  cluster.touchDeployment(agent);
  cluster.tell(() => `kubelet: ${pod.agent} on image ${shortDigest(pod.digest)} ends: ${message}`);
  for (const other of cluster.at(agent).pods) {
    if (other.phase === "locked" && other.due === Infinity) cluster.setPod(agent, other.uid, { ...other, due: cluster.now + SECOND });
  }
}

function withoutWaiting(pod: Pod): Pod {
  const { waiting: _, ...rest } = pod;
  return rest;
}

function withoutStart(pod: Pod): Pod {
  const { startedAt: _, ...rest } = pod;
  return rest;
}

/** External Secrets, every minute. */
function syncSecrets(cluster: Cluster): void {
  cluster.nextSecretSync = cluster.now + MINUTE;
  if (cluster.away.externalSecrets > cluster.now) return;
  const isVaultUp = cluster.away.vault <= cluster.now;
  for (let agent = 0; agent < cluster.agents.length; agent += 1) {
    const objects = cluster.at(agent);
    const entry = cluster.vault[agent];
    if (objects.objects.externalSecret === undefined || entry === undefined) continue;
    const { secret } = objects;
    if (!isVaultUp) {
      if (secret.isSynced) objects.secret = { ...secret, isSynced: false };
    } else if (secret.exists && secret.version === entry.version) objects.secret = { ...secret, isSynced: true, refreshedAt: cluster.now };
    else {
      objects.secret = { exists: true, version: entry.version, keys: entry.keys, changedAt: cluster.now, isSynced: true, refreshedAt: cluster.now };
      cluster.tell(() => `External Secrets: ${cluster.names[agent]}-env now has version ${entry.version} with ${entry.keys} keys`);
    }
  }
  cluster.version += 1;
}

function finishPrePulls(cluster: Cluster): void {
  for (const pull of cluster.own.prePulls) {
    if (pull.due > cluster.now) continue;
    const node = Number(pull.node.slice(-1));
    const isUp = cluster.own.nodes[node]?.isUp === true;
    const isThere = cluster.away.registry <= cluster.now;
    const { message: _, ...rest } = pull;
    const after = !isUp
      ? { ...rest, due: cluster.now + 30 * SECOND }
      : isThere ? { ...rest, state: "done" as const, due: Infinity } : { ...rest, state: "failed" as const, message: "the registry does not answer", due: cluster.now + MINUTE };
    if (isUp && isThere) addImage(cluster, node, pull.digest);
    cluster.own.prePulls = cluster.own.prePulls.map((other) => (other === pull ? after : other));
  }
  cluster.version += 1;
}

/** The node is gone: its pods are neither running nor stopped, as far as anybody can tell. */
export function loseNode(cluster: Cluster, index: number): void {
  cluster.own.nodes = cluster.own.nodes.map((node, at): Node => (at === index ? { ...node, isUp: false } : node));
  for (let agent = 0; agent < cluster.agents.length; agent += 1) {
    for (const pod of cluster.at(agent).pods) {
      if (pod.node !== index || pod.phase === "finished") continue;
      // Who only waited for the volume never had it.
      const before = pod.phase === "locked" ? withoutStart(pod) : pod;
      cluster.setPod(agent, pod.uid, { ...before, phase: "lost", isReady: false, readyChangedAt: cluster.now, due: Infinity });
      cluster.touchDeployment(agent);
    }
  }
}

/** The node is back: what was to be stopped is gone, the rest starts again. */
export function returnNode(cluster: Cluster, index: number): void {
  cluster.own.nodes = cluster.own.nodes.map((node, at): Node => (at === index ? { ...node, isUp: true } : node));
  for (let agent = 0; agent < cluster.agents.length; agent += 1) {
    for (const pod of cluster.at(agent).pods) {
      if (pod.node !== index || pod.phase !== "lost") continue;
      if (pod.isTerminating) cluster.setPod(agent, pod.uid, undefined);
      else if (pod.digest === undefined) cluster.setPod(agent, pod.uid, { ...pod, phase: "pulling", due: cluster.now + SECOND });
      else cluster.setPod(agent, pod.uid, { ...withoutStart(pod), phase: "backoff", due: cluster.now + SECOND, ended: { reason: "Unknown", exitCode: 137, message: "the node was lost" } });
    }
  }
}
