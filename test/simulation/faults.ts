import { HOUR, MINUTE, SECOND, type Cluster } from "./cluster.ts";
import type { Controllers } from "./controllers.ts";
import { crash, loseNode, returnNode, terminate } from "./kubelet.ts";
import type { Happening, Scene } from "./people.ts";

/** What goes wrong in the cluster and around it. */
export const CLUSTER_FAULTS: readonly Happening[] = [
  {
    words: ({ name }) => `the process of ${name} crashes`,
    happen: ({ cluster, agent }) => {
      for (const pod of cluster.at(agent).pods) if (pod.phase === "running" || pod.phase === "booting") crash(cluster, agent, pod, "out of memory");
    },
  },
  {
    words: ({ name }) => `${name} hangs`,
    happen: ({ cluster, agent }) => {
      for (const pod of cluster.at(agent).pods) {
        if (pod.phase !== "running" || !pod.isReady) continue;
        cluster.setPod(agent, pod.uid, { ...pod, isHung: true, isReady: false, readyChangedAt: cluster.now, due: cluster.now + 3 * MINUTE });
        cluster.touchDeployment(agent);
      }
    },
  },
  {
    words: ({ name, amount }) => `${name} is busy for ${1 + (amount % 15)} min`,
    happen: ({ cluster, agent, amount }) => {
      for (const pod of cluster.at(agent).pods) if (pod.isReady) cluster.setPod(agent, pod.uid, { ...pod, busyUntil: cluster.now + (1 + (amount % 15)) * MINUTE });
    },
  },
  { words: ({ name }) => `the pod of ${name} is evicted`, happen: (scene) => evict(scene) },
  {
    words: ({ amount }) => `node bots-${amount % 3} is lost`,
    happen: ({ cluster, amount }) => {
      if (cluster.own.nodes[amount % 3]?.isUp === true) loseNode(cluster, amount % 3);
    },
  },
  {
    words: ({ amount }) => `node bots-${amount % 3} is back`,
    happen: ({ cluster, amount }) => {
      if (cluster.own.nodes[amount % 3]?.isUp === false) returnNode(cluster, amount % 3);
    },
  },
  { words: () => "pods of lost nodes are marked for deletion", happen: ({ cluster }) => abandon(cluster) },
  { words: () => "the registry is away for an hour", happen: ({ cluster }) => void (cluster.away.registry = cluster.now + HOUR) },
  { words: () => "Vault is away for an hour", happen: ({ cluster }) => void (cluster.away.vault = cluster.now + HOUR) },
  { words: () => "External Secrets is away for an hour", happen: ({ cluster }) => void (cluster.away.externalSecrets = cluster.now + HOUR) },
  { words: () => "pulls are slow for an hour", happen: ({ cluster }) => void (cluster.away.slowPulls = cluster.now + HOUR) },
  { words: () => "no gateway can be asked for ten minutes", happen: ({ cluster }) => void (cluster.away.gateways = cluster.now + 10 * MINUTE) },
  {
    words: ({ name }) => `the status of ${name} is wiped`,
    happen: ({ cluster, agent }) => wipeAgent(cluster, agent),
  },
  {
    words: () => "every status is wiped",
    happen: ({ cluster }) => {
      cluster.names.forEach((_, agent) => wipeAgent(cluster, agent));
      const { status: _, ...rest } = cluster.own.fleet;
      cluster.own.fleet = rest;
    },
  },
];

function evict({ cluster, agent, invariants, amount }: Scene): void {
  invariants.touchedByOthers(agent);
  for (const pod of cluster.at(agent).pods) {
    if (amount % 2 === 0 || pod.phase === "lost" || pod.isTerminating) terminate(cluster, agent, pod);
    else cluster.setPod(agent, pod.uid, { ...pod, phase: "finished", isReady: false, readyChangedAt: cluster.now, due: cluster.now + 10 * MINUTE });
  }
  cluster.touchDeployment(agent);
}

function abandon(cluster: Cluster): void {
  cluster.names.forEach((_, agent) => {
    for (const pod of cluster.at(agent).pods) if (pod.phase === "lost") terminate(cluster, agent, pod);
  });
}

function wipeAgent(cluster: Cluster, agent: number): void {
  const { resource } = cluster.at(agent);
  if (resource === undefined) return;
  const { status: _, ...rest } = resource;
  cluster.at(agent).resource = rest;
}

/** What goes wrong with the engines themselves. */
export const ENGINE_FAULTS: readonly { readonly words: string; readonly happen: (controllers: Controllers, cluster: Cluster, amount: number) => void }[] = [
  { words: "an engine is killed", happen: (controllers, _, amount) => controllers.engines[amount % 2] && controllers.kill(controllers.engines[amount % 2]!, false) },
  { words: "the leading engine is killed", happen: (controllers) => controllers.leader(0) && controllers.kill(controllers.leader(0)!, false) },
  { words: "the leading engine ends gracefully", happen: (controllers) => controllers.leader(0) && controllers.kill(controllers.leader(0)!, true) },
  {
    words: "dead engines start again, cut-off ones are back",
    happen: (controllers) => {
      for (const engine of controllers.engines) {
        engine.isAlive = true;
        engine.cutOffSince = 0;
      }
    },
  },
  {
    words: "dead engines start again, cut-off ones are back",
    happen: (controllers) => {
      for (const engine of controllers.engines) {
        engine.isAlive = true;
        engine.cutOffSince = 0;
      }
    },
  },
  {
    words: "the leading engine is cut off from the API server",
    happen: (controllers, cluster) => {
      const leader = controllers.leader(0);
      if (leader !== undefined && leader.cutOffSince === 0) leader.cutOffSince = cluster.now;
    },
  },
  { words: "the Lease is deleted", happen: (controllers) => controllers.deleteLease() },
  {
    words: "the clock of an engine jumps",
    happen: (controllers, _, amount) => {
      const engine = controllers.engines[amount % 2];
      // No round numbers: two different times must not meet by chance.
      const jumps = [-HOUR + 17, -5 * MINUTE + 23, -10 * SECOND - 31, 10 * SECOND + 41, 5 * MINUTE - 43, HOUR - 59, 0, 0];
      if (engine !== undefined) engine.clockSkew = jumps[(amount >> 1) % jumps.length] ?? 0;
    },
  },
  {
    words: "a watch of the leading engine brings nothing for a while",
    happen: (controllers, cluster, amount) => {
      const leader = controllers.leader(amount);
      if (leader !== undefined) leader.deafUntil[(amount >> 1) % (leader.fleetSlot + 1)] = cluster.now + (1 + (amount % 20)) * 30 * SECOND;
    },
  },
];
