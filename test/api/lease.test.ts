import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { acquireLease, type HeldLease, type LeaseOptions } from "../../src/cluster/lease.ts";
import { textAt } from "../../src/spec/plain-field.ts";

const LEASE = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: "default", name: "controller" };

let cluster: Cluster;
let ended: AbortController;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
});
beforeEach(async () => {
  ended = new AbortController();
  await cluster.delete(LEASE);
});
afterAll(() => cluster.close());

const options = (identity: string, rest: Partial<LeaseOptions> = {}): LeaseOptions => ({
  cluster,
  namespace: LEASE.namespace,
  name: LEASE.name,
  identity,
  duration: 2_000,
  renewEvery: 300,
  renewDeadline: 1_200,
  now: () => new Date(),
  ...rest,
});
const holder = async () => textAt(await cluster.get(LEASE), "spec", "holderIdentity");
const aborted = (signal: AbortSignal) => new Promise<void>((resolve) => {
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve());
});

test("one of two holds it; giving it up hands it over at once", async () => {
  const long = { duration: 10_000, renewDeadline: 8_000 };
  const one = await acquireLease(options("one", long), ended.signal);
  let other: HeldLease | undefined;
  const heldBy: string[] = [];
  const waiting = acquireLease(options("other", { ...long, onHeldBy: (name) => heldBy.push(name) }), ended.signal).then((lease) => (other = lease));
  await aborted(AbortSignal.timeout(3_000));
  expect(other).toBeUndefined();
  expect(heldBy).toEqual(["one"]);
  expect(await holder()).toBe("one");
  const began = performance.now();
  await one.release();
  expect(one.lost.aborted).toBe(true);
  const second = await waiting;
  // By expiry it would have taken the whole duration.
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await holder()).toBe("other");
  await second.release();
});

test("many who want it at once: exactly one gets it", async () => {
  const held: HeldLease[] = [];
  const all = ["a", "b", "c", "d"].map((name) =>
    acquireLease(options(name), ended.signal).then((lease) => held.push(lease), () => undefined),
  );
  await vi.waitUntil(() => held.length > 0, { timeout: 30_000 });
  // Time for the others to take it as well, if they could.
  await aborted(AbortSignal.timeout(1_500));
  expect(held).toHaveLength(1);
  ended.abort();
  await Promise.all(all);
  await held[0]?.release();
});

test("a holder that is gone is waited for its whole duration, whatever its clock wrote", async () => {
  const lease = { ...LEASE, metadata: { namespace: LEASE.namespace, name: LEASE.name }, spec: { holderIdentity: "gone", leaseDurationSeconds: 2, renewTime: "2001-01-01T00:00:00.000000Z" } };
  await cluster.create({ apiVersion: lease.apiVersion, kind: lease.kind, metadata: lease.metadata, spec: lease.spec });
  const began = performance.now();
  const held = await acquireLease(options("heir"), ended.signal);
  expect(performance.now() - began).toBeGreaterThan(1_900);
  await held.release();
});

test("a holder that cannot renew loses it before another may take it", async () => {
  const broken = { isBroken: false };
  const unsteady: Cluster = new Proxy(cluster, {
    get(target, key) {
      if (key === "mergePatch" && broken.isBroken) return () => new Promise(() => undefined);
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const one = await acquireLease(options("one", { cluster: unsteady }), ended.signal);
  let isLost = false;
  one.lost.addEventListener("abort", () => (isLost = true));
  broken.isBroken = true;
  const other = await acquireLease(options("other"), ended.signal);
  expect(isLost).toBe(true);
  await other.release();
});

test("who was robbed of it notices", async () => {
  const one = await acquireLease(options("one"), ended.signal);
  await cluster.mergePatch(LEASE, { spec: { holderIdentity: "thief" } });
  await aborted(one.lost);
  expect(await holder()).toBe("thief");
});
