import { expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { livenessOf } from "./controller-liveness.ts";

const now = new Date("2026-11-23T03:00:00Z");

function lease(spec: object): Manifest {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "frota-controller-bots", namespace: "frota-system" }, spec };
}

test.each<[string, Manifest | undefined, object]>([
  ["no Lease", undefined, { isLive: false }],
  ["a Lease that was given up", lease({ holderIdentity: "", renewTime: "2026-11-23T02:59:59.000000Z" }), { isLive: false }],
  ["a Lease that was never renewed", lease({ holderIdentity: "a" }), { isLive: false, holder: "a" }],
  [
    "a renewed one",
    lease({ holderIdentity: "a", leaseDurationSeconds: 15, acquireTime: "2026-11-23T01:00:00.000000Z", renewTime: "2026-11-23T02:59:48.000000Z" }),
    { isLive: true, holder: "a", holdsSince: "2026-11-23T01:00:00.000000Z", renewedSecondsAgo: 12 },
  ],
  ["one renewed by a clock ahead of ours", lease({ holderIdentity: "a", renewTime: "2026-11-23T03:00:05.000000Z" }), { isLive: true, holder: "a", renewedSecondsAgo: -5 }],
  ["an expired one", lease({ holderIdentity: "a", leaseDurationSeconds: 15, renewTime: "2026-11-23T02:59:30.000000Z" }), { isLive: false, holder: "a", renewedSecondsAgo: 30 }],
])("%s", (_, found, expected) => {
  expect(livenessOf(true, found, now)).toEqual({ installed: true, ...expected });
});
