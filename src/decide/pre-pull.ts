import type { FleetAction } from "./action.ts";
import type { FleetWorld, PrePull } from "./fleet-world.ts";
import type { Instant } from "./policy.ts";
import type { Rollout } from "./rollout.ts";
import type { Surveyed } from "./survey.ts";
import type { ImageTarget } from "./world.ts";

/** A pull that failed is begun anew after so long. */
const RETRY = 120_000;

/** Brings images to nodes before agents there are stopped, each once. */
export class PrePulls {
  readonly actions: FleetAction[] = [];
  /** Nodes that cannot get an image, in words. */
  readonly problems = new Map<string, string>();
  readonly #world: FleetWorld;
  readonly #begun = new Set<string>();

  constructor(world: FleetWorld) {
    this.#world = world;
  }

  /** Whether the agent's node has the image; begins to bring it there if not. An agent that does not run pulls it by starting. */
  isThere({ stage, isUp }: Surveyed, image: ImageTarget): boolean {
    const node = stage.pod?.node;
    if (node === undefined || !isUp || this.#world.nodeImages.get(node)?.has(image.digest)) return true;
    const pull = this.#world.prePulls.find((one) => one.node === node && one.digest === image.digest);
    if (pull?.state === "done") return true;
    if (pull?.state === "failed") this.problems.set(image.digest, `${node} cannot get the image${pull.message === undefined ? "" : `: ${pull.message}`}`);
    const key = `${node} ${image.digest}`;
    if (!pull && !this.#begun.has(key)) this.actions.push({ type: "pre-pull", node, image });
    this.#begun.add(key);
    return false;
  }

  /** Forgets pulls that nobody waits for, and those that failed some time ago. Returns when to look again. */
  forget(rollouts: readonly Rollout[], agents: readonly Surveyed[], now: Instant): Instant | undefined {
    const { prePulls } = this.#world;
    if (prePulls.length === 0) return undefined;
    const wanted = wantedPulls(rollouts, agents);
    let wakeAt: Instant | undefined;
    for (const pull of prePulls) {
      const retryAt = pull.state === "failed" && pull.at !== undefined ? Math.min(pull.at, now) + RETRY : undefined;
      if (!wanted.has(keyOf(pull)) || (retryAt !== undefined && now >= retryAt)) this.actions.push({ type: "forget-pre-pull", node: pull.node, digest: pull.digest });
      else if (retryAt !== undefined) wakeAt = Math.min(wakeAt ?? retryAt, retryAt);
    }
    return wakeAt;
  }
}

function keyOf({ node, digest }: Pick<PrePull, "node" | "digest">): string {
  return `${node} ${digest}`;
}

function wantedPulls(rollouts: readonly Rollout[], agents: readonly Surveyed[]): Set<string> {
  const wanted = new Set<string>();
  for (const { members, head, isHalted } of rollouts) {
    if (isHalted) continue;
    for (const { agent, state } of members) {
      const node = agent.stage.pod?.node;
      if ((state === "pending" || state === "moving") && node !== undefined) wanted.add(keyOf({ node, digest: head.digest }));
    }
  }
  for (const { world, live, stage } of agents) {
    const pinned = world.declared?.pinned;
    const node = stage.pod?.node;
    if (pinned && node !== undefined && (live !== pinned.digest || world.permit)) wanted.add(keyOf({ node, digest: pinned.digest }));
  }
  return wanted;
}
