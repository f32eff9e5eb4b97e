import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentsReady, eventually, frota, kubectlOn, layoutOf, mustRun, recordOf, SECOND_LAB as SECOND, TEST_LAB } from "./lab.ts";
import { cutPower, killUp, killUpAmidVaultKeys } from "./disasters.ts";
import { plantMarker, readMarker } from "./marker.ts";
import { chosenSeed, randomNumbers } from "./random.ts";
import { firewallRules, footprintOf, tracesOf, type Footprint } from "./traces.ts";

const seed = chosenSeed();
const random = randomNumbers(seed);

/** Milliseconds of the first whole `lab up`: kills are spread over it. */
let duration = 0;
let footprint: Footprint;
let rulesBefore: readonly string[] = [];

beforeAll(async () => {
  await mustRun(["lab", "down", "--purge", SECOND], SECOND);
  rulesBefore = await firewallRules();
});

afterAll(() => mustRun(["lab", "down", "--purge", SECOND], SECOND));

describe("a lab's life", () => {
  test("lab up goes on after it was killed on the very first run, because the first run is the one that people interrupt", async () => {
    // While Vault makes the keys that it tells once, then at any moment of the some ten seconds that a new lab takes.
    await killUpAmidVaultKeys(SECOND);
    await killUp(SECOND, 500 + random() * 9000);
    const began = performance.now();
    await mustRun(["lab", "up"], SECOND);
    duration = performance.now() - began;
    footprint = await footprintOf(SECOND);
    expect((await tracesOf(footprint)).length).toBeGreaterThan(0);
    await plantMarker(SECOND, `seed ${seed}`);
  });

  test("two labs run side by side: each with its own addresses, cluster and volumes", async () => {
    const [one, other] = await Promise.all([recordOf(TEST_LAB), recordOf(SECOND)]);
    expect(one.address).not.toBe(other.address);
    expect(one.init.pid).not.toBe(other.init.pid);
    const namespaces = await Promise.all([TEST_LAB, SECOND].map((lab) => kubectlOn(lab, ["get", "namespaces", "-o", "name"])));
    expect(namespaces[0]).not.toContain("namespace/keep");
    expect(namespaces[1]).toContain("namespace/keep");
  });

  test(`lab up killed after a power cut is finished by the next one, and the volume has its data (seed ${seed})`, async () => {
    await cutPower(SECOND);
    const reached = await killUp(SECOND, random() * duration);
    await mustRun(["lab", "up"], SECOND);
    expect(await readMarker(SECOND), `killed after: ${reached}`).toBe(`seed ${seed}`);
    footprint = await footprintOf(SECOND);
  });

  test("lab down leaves no process, mount, network device, control group, loop device or rule, and the other lab as it is", async () => {
    await mustRun(["lab", "down"], SECOND);
    // The kernel takes a moment to end a network namespace after its last process; what it has of it is not read at one moment.
    const left = await eventually("what the kernel ends by itself to be gone", 30, async () => {
      const traces = await tracesOf(footprint);
      return traces.some((line) => /^(?:link|loop|rule)/.test(line)) ? undefined : traces;
    });
    expect(left).toEqual([]);
    expect(await firewallRules()).toEqual(rulesBefore);
    await agentsReady();
    expect((await frota(["status"])).code).toBe(0);
  });

  test("lab up after lab down finds the volume's data again", async () => {
    await mustRun(["lab", "up"], SECOND);
    expect(await readMarker(SECOND)).toBe(`seed ${seed}`);
  });

  test("lab down --purge removes the data, and only when it names the lab", async () => {
    const { code, stderr } = await frota(["lab", "down", "--lab", SECOND, "--purge", "default"]);
    expect(code, stderr).toBe(2);
    expect(await readMarker(SECOND)).toBe(`seed ${seed}`);
    await mustRun(["lab", "down", "--purge", SECOND], SECOND);
    const { access } = await import("node:fs/promises");
    await expect(access(layoutOf(SECOND).data)).rejects.toThrow("ENOENT");
  });
});
