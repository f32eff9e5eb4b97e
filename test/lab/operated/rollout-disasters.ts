import { setTimeout as delay } from "node:timers/promises";
import { chat, eventually, frota, kubectl, kubectlOn, TEST_LAB, turnService } from "../lab.ts";
import { pushAltered } from "./derived-image.ts";
import { AGENTS, fleetResource, isComplete, patchFleet, pinnedImages, settled, watchDown } from "./operated.ts";

/** Stops a service of the lab for a while, and starts it again. */
async function withoutService(name: string, milliseconds: number): Promise<void> {
  await turnService(name, "stop");
  await delay(milliseconds);
  await turnService(name, "start");
}

/** An object may have no status just then, and the API server may be away. */
async function wipeStatus(kind: string, name: string): Promise<void> {
  await kubectl("patch", kind, name, "--subresource=status", "--type=json", "-p", '[{"op":"remove","path":"/status"}]').catch(() => "");
}

interface Disaster {
  readonly title: string;
  readonly strike: () => Promise<void>;
}

/** What happens to the cluster while an image rolls out. */
const DISASTERS: readonly Disaster[] = [
  {
    title: "both replicas of the controller killed",
    strike: async () => void (await kubectlOn(TEST_LAB, ["--namespace", "frota-system", "delete", "pods", "--all", "--grace-period=0", "--force"])),
  },
  {
    title: "all status wiped",
    strike: async () => {
      const fleet = await fleetResource();
      await wipeStatus("fleets.frota.dev", fleet.metadata.name);
      for (const agent of AGENTS) await wipeStatus("agents.frota.dev", agent);
    },
  },
  {
    title: "the API server restarted",
    strike: async () => {
      await withoutService("kube-apiserver", 3000);
      await eventually("the API server", 180, () => kubectl("get", "--raw", "/readyz").catch(() => undefined));
    },
  },
  { title: "the kubelet stopped for 10 s", strike: () => withoutService("kubelet", 10_000) },
  { title: "Vault stopped for 15 s", strike: () => withoutService("vault", 15_000) },
  { title: "the registry stopped for 15 s", strike: () => withoutService("registry", 15_000) },
];

/** In words: what strikes, for a table of results. */
export const DISASTER_TITLES = DISASTERS.map(({ title }) => title).join("; ");

/** Longest pause between two disasters, in milliseconds: all of them fall into one rollout of three agents. */
const PAUSE = 15_000;

/** Rollouts that are struck by every disaster, each at a random moment and in a random order. */
export class StruckRollouts {
  readonly #good: string;
  readonly #random: () => number;
  readonly #session = `disasters-${Date.now()}`;
  #told = 0;

  /** `good` is the digest of the image that every new one is made from; `random` gives numbers from 0 to 1. */
  constructor(good: string, random: () => number) {
    this.#good = good;
    this.#random = random;
  }

  /** A bake of seconds, so that a rollout takes about as long as its disasters. */
  static prepare(): Promise<void> {
    return patchFleet({ rollout: { bakeTime: "5s" }, disruption: { quietWait: "5s" } });
  }

  /** Rolls a new image out. Throws where it does not arrive everywhere, two agents were down at once, or one forgot something. */
  async round(name: string): Promise<void> {
    await this.#remembers();
    const down = watchDown();
    const digest = await pushAltered(this.#good, "good", name);
    await eventually("the controller to take the wish up", 180, async () => ((await frota(["image", "refresh"])).code === 0 ? true : undefined));
    for (const { title, strike } of this.#shuffled()) {
      await delay(this.#random() * PAUSE);
      process.stderr.write(`  ${title}\n`);
      await strike();
    }
    await eventually("the rollout to be complete", 900, () => isComplete(digest).catch(() => undefined));
    await settled(600);
    for (const [agent, image] of Object.entries(await pinnedImages())) if (!image.includes(digest)) throw new Error(`${agent} has image ${image}`);
    const most = await down.stop();
    if (most > 1) throw new Error(`${most} agents were down at once`);
    await this.#remembers();
  }

  #shuffled(): readonly Disaster[] {
    return DISASTERS.map((disaster) => ({ disaster, rank: this.#random() }))
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ disaster }) => disaster);
  }

  /** Says something new to clovis; the stand-in model must have been sent every earlier message. */
  async #remembers(): Promise<void> {
    const reply = await chat("clovis", this.#session, `Message ${this.#told} of the disasters`);
    if (this.#told > 0 && !reply.includes(`I remember ${this.#told} earlier message`)) throw new Error(`clovis forgot: ${reply}`);
    this.#told += 1;
  }
}
