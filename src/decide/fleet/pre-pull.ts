import type { FleetAction } from "../action.ts";
import type { FleetWorld, PrePull } from "../fleet-world.ts";
import type { Instant } from "../policy.ts";
import { isOpen, type Rollout } from "./rollout.ts";
import type { Surveyed } from "./survey.ts";
import type { ImageTarget } from "../world.ts";

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
    if (!pull) this.#begin(node, image);
    if (pull?.state === "failed") this.problems.set(image.digest, failureWords(pull));
    return pull?.state === "done";
  }

  #begin(node: string, image: ImageTarget): void {
    const key = `${node} ${image.digest}`;
    if (!this.#begun.has(key)) this.actions.push({ type: "pre-pull", node, image });
    this.#begun.add(key);
  }

  /** Forgets pulls whose image is there, those that nobody waits for, and those that failed some time ago. Returns when to look again. */
  forget(rollouts: readonly Rollout[], agents: readonly Surveyed[], now: Instant): Instant | undefined {
    const { prePulls } = this.#world;
    if (prePulls.length === 0) return undefined;
    const wanted = wantedPulls(rollouts, agents);
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const pull of prePulls) {
      const retryAt = retryOf(pull, now);
      if (this.#isOver(pull) || !wanted.has(keyOf(pull)) || now >= retryAt) this.actions.push({ type: "forget-pre-pull", node: pull.node, digest: pull.digest });
      else wakeAt = Math.min(wakeAt, retryAt);
    }
    return Number.isFinite(wakeAt) ? wakeAt : undefined;
  }

  /** Its pod did its work, and is not needed for knowing so. */
  #isOver({ node, digest, state }: PrePull): boolean {
    return state === "done" && this.#world.nodeImages.get(node)?.has(digest) === true;
  }
}

/** When a pull is begun anew; never, for one that has not failed. */
function retryOf({ state, at }: PrePull, now: Instant): Instant {
  return state === "failed" && at !== undefined ? Math.min(at, now) + RETRY : Number.POSITIVE_INFINITY;
}

function failureWords({ node, message }: PrePull): string {
  return `${node} cannot get the image${message === undefined ? "" : `: ${message}`}`;
}

function keyOf({ node, digest }: Pick<PrePull, "node" | "digest">): string {
  return `${node} ${digest}`;
}

function wantedPulls(rollouts: readonly Rollout[], agents: readonly Surveyed[]): Set<string> {
  const wanted = new Set<string>();
  const want = ({ stage }: Surveyed, { digest }: ImageTarget) => {
    const node = stage.pod?.node;
    if (node !== undefined) wanted.add(keyOf({ node, digest }));
  };
  for (const { members, head, isHalted } of rollouts) {
    for (const member of isHalted ? [] : members) if (isOpen(member)) want(member.agent, head);
  }
  for (const agent of agents) {
    const pinned = agent.world.declared?.pinned;
    if (pinned && (agent.live !== pinned.digest || agent.world.permit)) want(agent, pinned);
  }
  return wanted;
}
