// Times `frota status` and `frota plan` for a large fleet, as whole commands, on a real API server with written objects; prints the times.
// usage: node bench/large-fleet.ts [agents] [runs]      (1000 agents take some minutes to write)
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, referenceOf, type Cluster } from "../src/cluster/cluster.ts";
import { asOperated } from "../src/engine/apply/as-operated.ts";
import { concurrently } from "../src/engine/concurrently.ts";
import { declareFleet } from "../src/engine/apply/declare-fleet.ts";
import { renderDefinitions } from "../src/render/controller.ts";
import type { Manifest } from "../src/render/manifest.ts";
import { renderFleet } from "../src/render/fleet.ts";
import { CONTROLLER_NAMESPACE, controllerName } from "../src/render/names.ts";
import { numberAt } from "../src/spec/plain-field.ts";
import { startControlPlane } from "../test/api/control-plane.ts";
import { installCustomResources } from "../test/api/custom-resources.ts";
import { BENCH, generateFleet, renderedObjects, volumes, type GeneratedFleet } from "./fleet/generated-fleet.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const [agents = 1000, runs = 5] = process.argv.slice(2).map(Number);
const DIGEST = `sha256:${"a".repeat(64)}`;
const REPOSITORY = "registry.invalid/openclaw-agent";
/** Writes at once. */
const PARALLEL = 24;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Writes what a fleet that has settled consists of; the control plane's own controllers make ReplicaSets and pods of it. */
async function writeFleet(cluster: Cluster, fleet: GeneratedFleet): Promise<void> {
  await cluster.apply({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: BENCH }, provisioner: "kubernetes.io/no-provisioner" });
  await concurrently(volumes(fleet), PARALLEL, (volume) => cluster.apply(volume, { isBrief: true }));
  for (const object of renderFleet(fleet.source.fleet)) await cluster.apply(object);
  await concurrently(renderedObjects(fleet), PARALLEL, (object) => cluster.apply(object, { isBrief: true }));
}

/** Writes what nodes and External Secrets would, until every agent serves. */
async function settle(cluster: Cluster, count: number): Promise<void> {
  const done = new Set<unknown>();
  const patch = async (object: Manifest, status: object) => {
    if (done.has(object.metadata["uid"])) return;
    await cluster.mergePatch(referenceOf(object), { status }, { subresource: "status", isBrief: true });
    done.add(object.metadata["uid"]);
  };
  for (const limit = Date.now() + 900_000; Date.now() < limit; ) {
    const [pods, secrets, deployments, claims] = await Promise.all([
      cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: BENCH }),
      cluster.list({ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" }, { namespace: BENCH }),
      cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace: BENCH }),
      cluster.list({ apiVersion: "v1", kind: "PersistentVolumeClaim" }, { namespace: BENCH }),
    ]);
    await concurrently(pods, PARALLEL, (pod) => patch(pod, podStatus()));
    await concurrently(secrets, PARALLEL, (secret) => patch(secret, { refreshTime: now(), conditions: [{ type: "Ready", status: "True", reason: "SecretSynced", message: "secret synced" }] }));
    const available = deployments.filter((deployment) => numberAt(deployment, "status", "availableReplicas") === 1).length;
    const bound = claims.filter((claim) => JSON.stringify(claim["status"]).includes("Bound")).length;
    say(`  ${available} available, ${bound} volumes bound`);
    if (available === count && bound === count) return;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
  throw new Error("the fleet did not settle");
}

const now = (): string => new Date().toISOString();

function podStatus(): object {
  const status = { name: "openclaw", image: "x", imageID: `x@${DIGEST}`, ready: true, restartCount: 0, state: { running: { startedAt: now() } } };
  return { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: now() }, { type: "ContainersReady", status: "True" }], containerStatuses: [status] };
}

/** Gives the fleet to a controller that lives, as far as anybody can see. */
async function makeOperated(cluster: Cluster, fleet: GeneratedFleet): Promise<void> {
  for (const definition of renderDefinitions()) await cluster.apply(definition);
  await until(async () => (await Promise.all(["Fleet", "Agent"].map((kind) => cluster.serves({ apiVersion: "frota.dev/v1alpha1", kind })))).every(Boolean));
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: CONTROLLER_NAMESPACE } });
  const spec = { holderIdentity: "bench", leaseDurationSeconds: 3_600, renewTime: `${now().slice(0, -1)}000Z` };
  await cluster.apply({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: controllerName(BENCH), namespace: CONTROLLER_NAMESPACE }, spec });
  await cluster.apply(fleet.fleet);
  const { source } = fleet;
  const declared = await asOperated(cluster, declareFleet(source), { fleet: source.fleet, agents: source.agents, isOperated: true });
  await concurrently(declared.agents.flatMap(({ objects }) => objects), PARALLEL, (object) => cluster.apply(object, { force: true, isBrief: true }));
  const types = ["Ready", "ImageCurrent", "ConfigCurrent", "SecretsCurrent", "Reconciling", "Stalled"];
  const conditions = types.map((type, index) => ({ type, status: index < 4 ? "True" : "False", reason: "Ready", message: "its gateway serves", observedGeneration: 1, lastTransitionTime: now() }));
  const restarts = [1, 2, 3].map(() => ({ at: now(), cause: "Image", detail: `image ${DIGEST} to ${DIGEST}` }));
  const status = { observedGeneration: 1, conditions, phase: "Ready", image: { digest: DIGEST }, secrets: { isProven: true }, restarts };
  await concurrently(fleet.agents, PARALLEL, async (agent) => {
    await cluster.apply(agent, { isBrief: true });
    await cluster.mergePatch(referenceOf(agent), { status }, { subresource: "status", isBrief: true });
  });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function writeRepository(fleet: GeneratedFleet, change: (text: string) => string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "frota-bench-"));
  await writeFile(join(folder, "fleet.yaml"), change(JSON.stringify(fleet.fleet)));
  await concurrently(fleet.agents, PARALLEL, async ({ apiVersion, kind, metadata, spec }) => {
    await mkdir(join(folder, metadata.name));
    await writeFile(join(folder, metadata.name, "agent.yaml"), JSON.stringify({ apiVersion, kind, metadata: { name: metadata.name }, spec }));
  });
  return folder;
}

/** Prints wall time, and the processor time of the command itself: on a busy machine the second says more. */
function time(title: string, argv: readonly string[], env: Readonly<Record<string, string>>): void {
  const times: (readonly [wall: number, processor: number])[] = [];
  let last = "";
  for (let run = 0; run < runs; run += 1) {
    // The shell's own `time` tells both.
    const { stdout, stderr } = spawnSync("bash", ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "bash", process.execPath, program, ...argv], { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 2 ** 28 });
    const [wall = 0, user = 0, system = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
    times.push([wall, user + system]);
    last = stdout.split("\n").slice(0, 2).join(" | ").slice(0, 90);
  }
  const figures = (index: 0 | 1) => times.map((pair) => pair[index]).toSorted((one, other) => one - other);
  say(`${title.padEnd(38)} wall ${told(figures(0))}   processor ${told(figures(1))}   ${last}`);
}

function told(sorted: readonly number[]): string {
  return `${sorted[0]?.toFixed(2) ?? ""} / ${sorted[Math.floor(sorted.length / 2)]?.toFixed(2) ?? ""} s`;
}

/** The bundle as it is now: in a checkout the launcher would build it anew whenever a source changes. */
async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "frota-bench-"));
  folders.push(folder);
  spawnSync(process.execPath, [join(ROOT, "scripts/build.ts")], { stdio: "ignore" });
  for (const name of ["dist", "schemas", "package.json"]) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  return join(folder, "dist/frota.js");
}

const plane = await startControlPlane();
const folders: string[] = [];
const program = await bundle();
try {
  await installCustomResources(plane.kubeconfig);
  const cluster = await connect({ path: plane.kubeconfig });
  const fleet = generateFleet({ agents, repository: REPOSITORY, maxDisrupted: "5%" });
  say(`writing ${agents} agents`);
  await writeFleet(cluster, fleet);
  await settle(cluster, agents);
  const same = await writeRepository(fleet, (text) => text);
  const changed = await writeRepository(fleet, (text) => text.replace('"defaults":{', '"defaults":{"env":{"CITY":"lisbon"},'));
  const agent = await writeRepository(fleet, (text) => text);
  await writeFile(join(agent, "agent-0007", "agent.yaml"), JSON.stringify({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "agent-0007" }, spec: { env: { CITY: "lisbon" } } }));
  folders.push(same, changed, agent);
  const env = { KUBECONFIG: plane.kubeconfig, FROTA_CONTEXT: "test" };
  say(`${agents} agents, ${runs} runs each, minimum / median`);
  const measure = (way: string) => {
    time(`${way}: status`, ["status", "--repo", same], env);
    time(`${way}: status of one agent`, ["status", "agent-0007", "--repo", same], env);
    time(`${way}: plan, nothing to do`, ["plan", "--repo", same], env);
    time(`${way}: plan, one agent`, ["plan", "--repo", agent], env);
    time(`${way}: plan, all agents restart`, ["plan", "--repo", changed], env);
  };
  measure("plain");
  await makeOperated(cluster, fleet);
  measure("operated");
  cluster.close();
} finally {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  await plane.stop();
}
