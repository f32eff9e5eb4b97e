import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTimeout as delay } from "node:timers/promises";
import { chat, eventually, frota, kubectl, kubectlOn, layoutOf, TEST_LAB } from "../lab.ts";
import { chosenSeed, randomNumbers } from "../random.ts";
import { digestOfTag, pushAltered, retag } from "./derived-image.ts";
import { AGENTS, fleetResource, operatedFleet, pinnedImages, settled, watchDown } from "./operated.ts";

/** Rounds of each disaster; the endurance run asks for more. */
const ROUNDS = Number(process.env["FROTA_TEST_ROUNDS"] ?? 2);
const seed = chosenSeed();
const random = randomNumbers(seed);
const session = `disasters-${process.pid}`;
let good = "";
let told = 0;

/** Stops a service of the lab for a while, and starts it again. */
async function withoutService(name: string, milliseconds: number): Promise<void> {
  const folder = `${layoutOf().services}/${name}`;
  await execa("sv", ["-w", "20", "stop", folder], { reject: false });
  await delay(milliseconds);
  await execa("sv", ["-w", "20", "start", folder], { reject: false });
}

const inControllers = (...argv: string[]) => kubectlOn(TEST_LAB, ["--namespace", "frota-system", ...argv]);

/** What happens to the cluster while an image rolls out. */
const DISASTERS: readonly (readonly [string, () => Promise<void>])[] = [
  ["the controller is killed, both replicas", async () => void (await inControllers("delete", "pods", "--all", "--grace-period=0", "--force"))],
  [
    "all status is wiped",
    async () => {
      await kubectl("patch", "agents.frota.dev", "--all", "--subresource=status", "--type=json", "-p", '[{"op":"remove","path":"/status"}]').catch(() => undefined);
      for (const agent of AGENTS) await kubectl("patch", "agents.frota.dev", agent, "--subresource=status", "--type=json", "-p", '[{"op":"remove","path":"/status"}]').catch(() => undefined);
      const fleet = await fleetResource();
      await kubectl("patch", "fleets.frota.dev", fleet.metadata.name, "--subresource=status", "--type=json", "-p", '[{"op":"remove","path":"/status"}]').catch(() => undefined);
    },
  ],
  ["the API server is restarted", () => withoutService("kube-apiserver", 3000)],
  ["the kubelet is stopped for a while", () => withoutService("kubelet", 10_000)],
  ["Vault is stopped for a while", () => withoutService("vault", 15_000)],
  ["the registry is stopped for a while", () => withoutService("registry", 15_000)],
];

beforeAll(async () => {
  await operatedFleet();
  good = await digestOfTag();
});

afterAll(async () => {
  await retag(good);
  await frota(["rollout", "start"]);
  await settled(900);
});

async function remembers(): Promise<void> {
  const reply = await chat("clovis", session, `Message ${told} of the disasters`);
  if (told > 0) expect(reply).toContain(`I remember ${told} earlier message`);
  told += 1;
}

describe(`whatever happens in the middle of a rollout, it ends well (seed ${seed})`, () => {
  const rounds = Array.from({ length: ROUNDS }, (_none, round) => DISASTERS.map(([title, strike]) => ({ title, strike, round })));
  // Two disasters share a rollout, so that each is struck at another of its moments.
  const pairs = rounds.flat().flatMap((one, index, all) => (index % 2 === 0 ? [[one, all[index + 1] ?? one] as const] : []));

  test.each(pairs.map(([one, other], index) => [index, one, other] as const))("rollout %i", async (index, one, other) => {
    await remembers();
    const down = watchDown();
    const digest = await pushAltered(good, "good", `disaster-${process.pid}-${index}`);
    await eventually("the controller to take the wish up", 180, async () => ((await frota(["image", "refresh"])).code === 0 ? true : undefined));
    for (const { title, strike } of [one, other]) {
      await delay(random() * 40_000);
      process.stderr.write(`  ${title}\n`);
      await strike();
    }
    await eventually("all agents on the new image", 900, async () => {
      const images = Object.values(await pinnedImages().catch(() => ({ unknown: "" })));
      return images.every((image) => image.includes(digest)) ? true : undefined;
    });
    await settled(600);
    expect(await down.stop(), "never more than one agent down").toBeLessThanOrEqual(1);
    await remembers();
  });
});
