import type { PrePull } from "../../decide/fleet-world.ts";

/** Digests remembered of a node. */
const REMEMBERED = 10;

/**
 * The pods that bring images to nodes, and the images that they began on, by node: a node says only after a moment which images it has, and of many not at all. It need not
 * outlive this process: what is forgotten is asked for once more, and is there at once.
 */
export class BroughtImages {
  readonly #pulls = new Map<string, PrePull>();
  readonly #byNode = new Map<string, Set<string>>();

  /** What these pods say about their images now. */
  pulls(): Iterable<PrePull> {
    return this.#pulls.values();
  }

  /** A pod says something else; undefined: it is gone. */
  changed(pod: string, pull: PrePull | undefined): void {
    if (!pull) {
      this.#pulls.delete(pod);
      return;
    }
    this.#pulls.set(pod, pull);
    if (pull.state === "done") this.#remember(pull);
  }

  #remember({ node, digest }: PrePull): void {
    const digests = this.#byNode.get(node) ?? new Set<string>();
    this.#byNode.set(node, digests.add(digest));
    const [oldest] = digests;
    if (digests.size > REMEMBERED && oldest !== undefined) digests.delete(oldest);
  }

  /** The node's own word counts from when it knows an image: it may remove it again. `said` is undefined for a node that is gone. */
  heard(node: string, said: ReadonlySet<string> | undefined): void {
    const digests = this.#byNode.get(node);
    if (!digests) return;
    for (const digest of digests) if (!said || said.has(digest)) digests.delete(digest);
    if (digests.size === 0) this.#byNode.delete(node);
  }

  /** What the node says, and what was brought there. */
  with(node: string, said: ReadonlySet<string>): ReadonlySet<string> {
    const digests = this.#byNode.get(node);
    return digests ? new Set([...said, ...digests]) : said;
  }
}
