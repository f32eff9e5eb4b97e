import { beforeAll, expect, test } from "vitest";
import { fleetReady, frota, mustRun, NAMESPACE, podOf, START, written } from "./lab.ts";

const AGENTS = ["clovis", "roberval", "clementina"] as const;

/** Everything that a start could write; what controllers and kubelet write is left out. */
async function objects(): Promise<Record<string, object>> {
  const namespaced = await written("deployments,services,serviceaccounts,networkpolicies,configmaps,persistentvolumeclaims,secretstores");
  return { ...namespaced, ...(await written("namespaces", `--field-selector=metadata.name=${NAMESPACE}`)) };
}

const pods = () => Promise.all(AGENTS.map(async (agent) => {
  const pod = await podOf(agent);
  return { uid: pod.metadata.uid, restarts: pod.status.containerStatuses?.[0]?.restartCount };
}));

beforeAll(() => fleetReady());

test("frota start ends with all three agents Ready, because that is what it promises", async () => {
  const { code, stdout } = await frota(["status", "-o", "json"]);
  expect(code).toBe(0);
  const { agents } = JSON.parse(stdout) as { agents: { name: string; isReady: boolean }[] };
  expect(agents.filter(({ isReady }) => isReady).map(({ name }) => name).sort()).toEqual([...AGENTS].sort());
});

test("a second frota start changes nothing and restarts nobody, because everybody runs it again to be sure", async () => {
  const before = { objects: await objects(), pods: await pods() };
  const began = performance.now();
  const said = await mustRun(START);
  const seconds = (performance.now() - began) / 1000;
  expect(said).toMatch(/3 agents run on this machine/);
  expect({ objects: await objects(), pods: await pods() }).toEqual(before);
  // Promised to users: seconds to a minute and a half.
  expect(seconds).toBeLessThan(90);
});
