import { afterAll, beforeAll, inject, test } from "vitest";
import { connect, referenceOf, type Cluster } from "../../src/cluster/cluster.ts";
import { renderDisruptionBudget } from "../../src/render/disruption-budget.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { everything } from "../../src/render/testing/everything.ts";
import { numberAt } from "../../src/spec/plain-field.ts";

const NAMESPACE = "drained";
const { fleet: given } = everything();
const fleet = { ...given, metadata: { ...given.metadata, namespace: NAMESPACE } };
const budget = renderDisruptionBudget(fleet);
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await cluster.apply(budget);
});
afterAll(() => cluster.close());

function agent(name: string): Manifest {
  const labels = { "app.kubernetes.io/instance": name, "app.kubernetes.io/component": "agent", "app.kubernetes.io/part-of": fleet.metadata.name };
  const spec = { containers: [{ name: "openclaw", image: "example.com/none" }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** Follows objects until `look` is content with one of them. */
async function until(kind: { apiVersion: string; kind: string }, labelSelector: string | undefined, look: (object: Manifest) => boolean): Promise<Manifest> {
  const abort = new AbortController();
  for await (const event of cluster.watch(kind, { namespace: NAMESPACE, ...(labelSelector && { labelSelector }) }, abort.signal)) {
    const objects = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    const found = objects.find(look);
    if (!found) continue;
    abort.abort();
    return found;
  }
  throw new Error("the watch ended");
}

async function setReady(name: string, isReady: boolean): Promise<void> {
  const pod = await until({ apiVersion: "v1", kind: "Pod" }, `app.kubernetes.io/instance=${name}`, () => true);
  const conditions = ["Ready", "ContainersReady"].map((type) => ({ type, status: isReady ? "True" : "False", lastTransitionTime: "2026-11-22T00:00:00Z" }));
  await cluster.mergePatch(referenceOf(pod), { status: { phase: "Running", conditions } }, { subresource: "status" });
}

function allowed(count: number): Promise<Manifest> {
  return until(budget, undefined, (object) => numberAt(object, "status", "expectedPods") === 3 && numberAt(object, "status", "disruptionsAllowed") === count);
}

test("of three agents one may be evicted, and none while another is not Ready", async () => {
  for (const name of ["one", "two", "three"]) {
    await cluster.apply(agent(name));
    await setReady(name, true);
  }
  await allowed(1);
  await setReady("two", false);
  await allowed(0);
  await setReady("two", true);
  await allowed(1);
});
