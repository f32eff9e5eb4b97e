import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fleetReady, frota, kubectl, kubectlOn, mustRun, NAMESPACE, podOf, TEST_LAB } from "./lab.ts";

/** A fleet that shares nothing with the committed one but the lab: names, namespace, registry, pool, class, Vault folder and role. */
const OTHER = "acme-agents";
const INIT = [
  `--name acme --namespace ${OTHER} --image registry.acme.example/acme/agent --storage-class acme-block --volume-size 25Gi`,
  "--node-pool workers --node-pool-label acme.example/pool --vault-path acme --vault-role acme --agent Luna --agent José --yes",
].flatMap((line) => line.split(" "));
let folder: string;

beforeAll(async () => {
  await fleetReady();
  folder = await mkdtemp(join(tmpdir(), "frota-second-fleet-"));
});

afterAll(async () => {
  await kubectlOn(TEST_LAB, ["delete", "namespace", OTHER, "--wait=false"]).catch(() => "");
  await kubectlOn(TEST_LAB, ["--namespace", "frota-system", "delete", "deployment", `frota-controller-${OTHER}`]).catch(() => "");
  await rm(folder, { recursive: true });
});

test("a fleet that init makes in an empty folder comes alive beside the first, which does not notice", async () => {
  const before = await podOf("clovis");
  const repository = join(folder, "fleet");
  const made = await frota(["init", repository, ...INIT], { cwd: folder });
  expect(made.code, made.stderr).toBe(0);

  await mustRun(["start", "--repo", repository]);

  const { code, stdout } = await frota(["status", "-o", "json"], { cwd: repository });
  expect(code, stdout).toBe(0);
  const { agents } = JSON.parse(stdout) as { agents: { name: string; isReady: boolean }[] };
  expect(agents.map(({ name, isReady }) => `${name} ${isReady}`).sort()).toEqual(["jose true", "luna true"]);
  const volume = "{.spec.storageClassName} {.status.capacity.storage}";
  expect(await kubectlOn(TEST_LAB, ["--namespace", OTHER, "get", "pvc", "luna-state", "-o", `jsonpath=${volume}`])).toBe("acme-block 25Gi");
  const said = await frota(["chat", "luna", "Who are you?"], { cwd: repository });
  expect(said.code, said.stderr).toBe(0);

  const after = await podOf("clovis");
  expect([after.metadata.uid, after.status.containerStatuses?.[0]?.restartCount]).toEqual([before.metadata.uid, before.status.containerStatuses?.[0]?.restartCount]);
  expect(await kubectl("get", "deployment", "clovis", "-o", "jsonpath={.metadata.namespace}")).toBe(NAMESPACE);
});

test("a fleet of another pool under the same label is refused, and says what to do: the lab has one node", async () => {
  const repository = join(folder, "third");
  await frota(["init", repository, "--name", "third", "--image", "registry.acme.example/third/agent", "--node-pool", "others", "--yes"], { cwd: folder });
  await expect(mustRun(["start", "--repo", repository])).rejects.toThrow(/LAB_POOL_TAKEN.*pool bots, where the agents of namespace bots run/s);
});
