import type { FleetOperation } from "../../src/decide/fleet-world.ts";
import { CHANNELS, MINUTE, SECOND, type Cluster } from "./cluster.ts";
import { IMAGES, shortDigest } from "./images.ts";
import type { Invariants } from "./invariants.ts";
import { terminate } from "./kubelet.ts";

/** Where an event happens. `amount` is any number: each event takes from it what it needs. */
export interface Scene {
  readonly cluster: Cluster;
  readonly invariants: Invariants;
  readonly agent: number;
  readonly name: string;
  readonly amount: number;
}

/** Something that happens to the fleet from outside. */
export interface Happening {
  readonly words: (scene: Scene) => string;
  readonly happen: (scene: Scene) => void;
}

const VERBS: readonly FleetOperation["verb"][] = ["pause", "resume", "abort", "undo", "start", "refresh", "start", "resume"];
const pick = <T>(list: readonly T[], amount: number): T => list[amount % list.length] as T;

function push(tag: string): Happening {
  return {
    words: ({ amount }) => `image ${shortDigest(pick(IMAGES, amount).digest)} (${pick(IMAGES, amount).behavior}, version ${pick(IMAGES, amount).version}) is pushed as ${tag}`,
    happen: ({ cluster, amount }) => void cluster.tags.set(tag, pick(IMAGES, amount).digest),
  };
}

/** A change that people make to the Agent resource. */
function change(words: string, alter: (scene: Scene) => Parameters<Cluster["setResource"]>[1]): Happening {
  return { words: ({ name }) => `${name}: ${words}`, happen: (scene) => scene.cluster.setResource(scene.agent, alter(scene)) };
}

const resourceOf = ({ cluster, agent }: Scene) => cluster.at(agent).resource;

/** What people do in Git: the desired state. */
export const GIT: readonly Happening[] = [
  push(CHANNELS[0]),
  push(CHANNELS[0]),
  push(CHANNELS[0]),
  push(CHANNELS[1]),
  change("pod template changed in Git", (scene) => ({ template: (resourceOf(scene)?.template ?? 0) + 1 })),
  change("configuration that needs a restart changed in Git", (scene) => ({ configuration: (resourceOf(scene)?.configuration ?? 0) + 1 })),
  change("hot configuration changed in Git", (scene) => ({ hot: (resourceOf(scene)?.hot ?? 0) + 1 })),
  change("secret keys required changed in Git", ({ amount }) => ({ keys: 2 + (amount % 3) })),
  change("onSecretChange changed in Git", ({ amount }) => ({ onSecretChange: amount % 2 === 0 ? "notify" : "restart" })),
  {
    words: ({ name, amount }) => `${name}: channel ${pick(CHANNELS, amount)} in Git, no pin`,
    happen: ({ cluster, agent, amount }) => {
      const { resource } = cluster.at(agent);
      if (resource === undefined) return;
      const { pinned: _, ...rest } = resource;
      cluster.at(agent).resource = { ...rest, channel: pick(CHANNELS, amount), generation: rest.generation + 1 };
    },
  },
  {
    words: ({ name, amount }) => `${name}: pinned to image ${shortDigest(pick(IMAGES, amount).digest)} (${pick(IMAGES, amount).behavior}, version ${pick(IMAGES, amount).version})`,
    happen: ({ cluster, agent, amount }) => cluster.setResource(agent, { pinned: pick(IMAGES, amount).digest }),
  },
  {
    words: ({ name }) => `${name}: its specification becomes invalid, or valid again`,
    happen: ({ cluster, agent }) => {
      const { resource } = cluster.at(agent);
      if (resource === undefined) return;
      const { invalid, ...rest } = resource;
      cluster.at(agent).resource = { ...rest, generation: rest.generation + 1, ...(invalid === undefined ? { invalid: "spec.openclaw: no such key" } : {}) };
    },
  },
  {
    words: ({ name }) => `${name}: the Agent resource is deleted, or made again`,
    happen: ({ cluster, invariants, agent }) => {
      const objects = cluster.at(agent);
      invariants.touchedByOthers(agent);
      objects.resource = objects.resource === undefined
        ? { generation: 1, channel: CHANNELS[0], template: 1, configuration: 1, hot: 1, keys: 3, onSecretChange: "restart" }
        : undefined;
    },
  },
  {
    words: ({ amount }) => `Fleet: maxDisrupted ${1 + (amount % 3)}, bakeTime ${amount % 5} min, failureBudget ${amount % 2}`,
    happen: ({ cluster, amount }) => cluster.setFleet({ maxDisrupted: 1 + (amount % 3), bakeTime: (amount % 5) * MINUTE, failureBudget: amount % 2 }),
  },
  {
    words: ({ amount }) => `Fleet: ${amount % 3} canaries`,
    happen: ({ cluster, amount }) => cluster.setFleet({ canaries: cluster.names.slice(0, amount % 3) }),
  },
];

/** What people do with the cluster and in Vault. */
export const HANDS: readonly Happening[] = [
  {
    words: ({ name }) => `Vault: a value of ${name} changes`,
    happen: ({ cluster, agent }) => rotate(cluster, agent, 0),
  },
  { words: () => "Vault: a value of every agent changes", happen: ({ cluster }) => cluster.names.forEach((_, agent) => rotate(cluster, agent, 0)) },
  { words: ({ name }) => `Vault: ${name} loses a key`, happen: ({ cluster, agent }) => rotate(cluster, agent, -1) },
  { words: ({ name }) => `Vault: ${name} gets a key`, happen: ({ cluster, agent }) => rotate(cluster, agent, 1) },
  {
    words: ({ amount }) => `frota rollout ${pick(VERBS, amount)}`,
    happen: ({ cluster, amount }) => cluster.setFleet({ operation: { id: `operation-${cluster.next()}`, verb: pick(VERBS, amount), by: "ana", at: cluster.now } }),
  },
  {
    words: ({ amount }) => `frota rollout ${pick(VERBS, amount)}`,
    happen: ({ cluster, amount }) => cluster.setFleet({ operation: { id: `operation-${cluster.next()}`, verb: pick(VERBS, amount), by: "ana", at: cluster.now } }),
  },
  {
    words: ({ name }) => `frota restart ${name}`,
    happen: ({ cluster, agent }) => cluster.setResource(agent, { restartRequest: { id: `request-${cluster.next()}`, by: "ana", at: cluster.now } }),
  },
  {
    words: ({ name }) => `frota suspend ${name}, or resume`,
    happen: ({ cluster, agent }) => {
      const { resource } = cluster.at(agent);
      if (resource === undefined) return;
      const { suspended, ...rest } = resource;
      cluster.at(agent).resource = { ...rest, ...(suspended === undefined ? { suspended: "ana looks into it" } : {}) };
    },
  },
  {
    words: () => "frota suspend, or resume, for the fleet",
    happen: ({ cluster }) => {
      const { suspended, ...rest } = cluster.own.fleet;
      cluster.own.fleet = { ...rest, ...(suspended === undefined ? { suspended: "ana looks into it" } : {}) };
    },
  },
  {
    words: ({ amount }) => `freeze in ${(amount % 4) * 2} min for ${5 + (amount % 50)} min`,
    happen: ({ cluster, amount }) => {
      const from = cluster.now + (amount % 4) * 2 * MINUTE;
      cluster.setFleet({ freezes: [...cluster.own.fleet.freezes, { from, to: from + (5 + (amount % 50)) * MINUTE, reason: "release" }] });
    },
  },
  { words: () => "the freeze is lifted", happen: ({ cluster }) => cluster.setFleet({ freezes: [] }) },
  {
    words: ({ name }) => `kubectl rollout restart deployment/${name}`,
    happen: ({ cluster, invariants, agent }) => {
      const { deployment } = cluster.at(agent);
      if (deployment === undefined) return;
      invariants.touchedByOthers(agent);
      cluster.setTemplate(agent, { ...deployment.template, restartedAt: new Date(cluster.now).toISOString() }, { cause: "Manual" });
    },
  },
  {
    words: ({ name }) => `kubectl edit deployment/${name}`,
    happen: ({ cluster, invariants, agent }) => {
      const { deployment } = cluster.at(agent);
      if (deployment === undefined) return;
      invariants.touchedByOthers(agent);
      cluster.setTemplate(agent, { ...deployment.template, drift: cluster.next() }, { cause: "Manual" });
    },
  },
  {
    words: ({ name, amount }) => `kubectl set image deployment/${name} to image ${shortDigest(pick(IMAGES, amount).digest)}`,
    happen: ({ cluster, invariants, agent, amount }) => {
      const { deployment } = cluster.at(agent);
      if (deployment === undefined) return;
      invariants.touchedByOthers(agent);
      cluster.setTemplate(agent, { ...deployment.template, digest: pick(IMAGES, amount).digest }, { cause: "Manual" });
    },
  },
  {
    words: ({ name }) => `kubectl scale deployment/${name} --replicas 0`,
    happen: ({ cluster, invariants, agent }) => {
      const { deployment } = cluster.at(agent);
      if (deployment === undefined) return;
      invariants.touchedByOthers(agent);
      cluster.at(agent).deployment = { ...deployment, replicas: 0, resourceVersion: cluster.next() };
    },
  },
  {
    words: ({ name }) => `kubectl delete deployment/${name}`,
    happen: ({ cluster, invariants, agent }) => {
      invariants.touchedByOthers(agent);
      cluster.at(agent).deployment = undefined;
    },
  },
  {
    words: ({ name }) => `kubectl delete pod of ${name}`,
    happen: ({ cluster, invariants, agent }) => {
      invariants.touchedByOthers(agent);
      for (const pod of cluster.at(agent).pods) terminate(cluster, agent, pod);
    },
  },
  {
    words: ({ name, amount }) => `kubectl ${amount % 2 === 0 ? "edit" : "delete"} service/${name}`,
    happen: ({ cluster, agent, amount }) => {
      const objects = cluster.at(agent);
      const { service, ...rest } = objects.objects;
      if (service !== undefined) objects.objects = amount % 2 === 0 ? { ...rest, service: -1 } : rest;
    },
  },
  {
    words: ({ name }) => `kubectl delete externalsecret,configmap of ${name}`,
    happen: ({ cluster, agent }) => {
      const { service } = cluster.at(agent).objects;
      cluster.at(agent).objects = service === undefined ? {} : { service };
    },
  },
];

function rotate(cluster: Cluster, agent: number, keys: number): void {
  const entry = cluster.vault[agent];
  if (entry === undefined) return;
  cluster.vault[agent] = { version: entry.version + 1, keys: Math.max(1, Math.min(5, entry.keys + keys)), changedAt: cluster.now };
  cluster.nextSecretSync = Math.min(cluster.nextSecretSync, cluster.now + 10 * SECOND);
}
