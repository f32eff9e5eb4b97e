import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { fleetEvent } from "./fleet-event.ts";

function event(kind: string, name: string, more: object = {}): Manifest {
  const metadata = { name: `${name}.1`, creationTimestamp: "2026-11-23T09:00:00Z" };
  return { apiVersion: "v1", kind: "Event", metadata, involvedObject: { kind, name }, reason: "Started", message: "Started container openclaw", type: "Normal", ...more };
}

const AGENTS = new Set(["clovis", "clovis-2", "roberval"]);

describe("whose event it is", () => {
  test.each([
    ["Agent", "clovis", "clovis"],
    ["Agent", "declared-only", "declared-only"],
    ["Deployment", "clovis-2", "clovis-2"],
    ["ReplicaSet", "clovis-6d4cf56db6", "clovis"],
    ["Pod", "clovis-6d4cf56db6-x7k2p", "clovis"],
    ["Pod", "clovis-2-6d4cf56db6-x7k2p", "clovis-2"],
    ["PersistentVolumeClaim", "clovis-state", "clovis"],
    ["ExternalSecret", "clovis-2-env", "clovis-2"],
    ["ConfigMap", "roberval-start-guard", "roberval"],
    ["Fleet", "digitalsys", undefined],
    ["SecretStore", "vault", undefined],
  ])("%s %s", (kind, name, agent) => {
    const found = fleetEvent(event(kind, name), AGENTS);
    expect(found).toMatchObject({ object: `${kind}/${name}` });
    expect(found?.agent).toBe(agent);
  });

  test.each([
    ["Deployment", "clovis-exporter"],
    ["Pod", "clovis"],
    ["Pod", "debug-clovis-x7k2p"],
    ["Secret", "clovis"],
    ["Job", "clovis"],
  ])("%s %s: nobody's", (kind, name) => {
    expect(fleetEvent(event(kind, name), AGENTS)).toBeUndefined();
  });
});

describe("when and how often it happened", () => {
  test.each([
    ["once", {}, { time: "2026-11-23T09:00:00.000Z", first: "2026-11-23T09:00:00.000Z", count: 1 }],
    [
      "counted",
      { firstTimestamp: "2026-11-23T09:00:00Z", lastTimestamp: "2026-11-23T09:05:00Z", count: 7 },
      { time: "2026-11-23T09:05:00.000Z", first: "2026-11-23T09:00:00.000Z", count: 7 },
    ],
    [
      "a series of the newer kind",
      { eventTime: "2026-11-23T09:00:00.123456Z", series: { count: 3, lastObservedTime: "2026-11-23T09:01:00.5Z" } },
      { time: "2026-11-23T09:01:00.500Z", first: "2026-11-23T09:00:00.123Z", count: 3 },
    ],
  ])("%s", (_title, more, times) => {
    expect(fleetEvent(event("Pod", "clovis-1-1", more), AGENTS)).toMatchObject(times);
  });
});

describe("what happened, in words", () => {
  test.each([
    ["Pod", "Scheduled", "Successfully assigned bots/clovis-1-1 to bots-1", "its pod was placed on node bots-1"],
    ["Pod", "Pulled", 'Successfully pulled image "x/y:latest" in 3.214s (3.214s including waiting). Image size: 123 bytes.', "its image was pulled in 3.214s"],
    ["Pod", "Pulled", 'Container image "x/y:latest" already present on machine', "its image is on the node already"],
    ["Pod", "Unhealthy", "Readiness probe failed: Get \"http://10.0.0.2:18789/readyz\": dial tcp:\nrefused", 'its readiness probe failed: Get "http://10.0.0.2:18789/readyz": dial tcp: refused'],
    ["Pod", "Killing", "Stopping container openclaw", "its container is asked to stop"],
    ["Pod", "Killing", "Container openclaw failed liveness probe, will be restarted", "Container openclaw failed liveness probe, will be restarted"],
    ["Pod", "BackOff", "Back-off restarting failed container openclaw in pod clovis-1-1_bots(1)", "its container ends again and again: the node waits before the next start"],
    ["Deployment", "ScalingReplicaSet", "Scaled down replica set clovis-6d4cf56db6 from 1 to 0", "scaled down to 0 pods (clovis-6d4cf56db6)"],
    ["Deployment", "ScalingReplicaSet", "(combined from similar events): Scaled up replica set clovis-6d4cf56db6 from 0 to 1", "scaled up to 1 pod (clovis-6d4cf56db6)"],
    ["ReplicaSet", "SuccessfulCreate", "Created pod: clovis-6d4cf56db6-x7k2p", "pod clovis-6d4cf56db6-x7k2p was made"],
    ["ExternalSecret", "UpdateFailed", "could not get provider client: Vault is sealed", "its secrets are not synced from Vault: could not get provider client: Vault is sealed"],
    ["PodDisruptionBudget", "NoPods", "No matching pods found", "there is no agent's pod yet to protect from drains"],
    ["SecretStore", "Valid", "store validated", "External Secrets reaches Vault"],
    ["Agent", "ContainerExit", "OOMKilled, exit code 137", "OOMKilled, exit code 137"],
    ["Agent", "Recovered", "", "Recovered"],
  ])("%s %s: %s", (kind, reason, message, words) => {
    const name = { Pod: "clovis-1-1", ReplicaSet: "clovis-1", ExternalSecret: "clovis-env" }[kind] ?? "clovis";
    expect(fleetEvent(event(kind, name, { reason, message }), AGENTS)?.what).toBe(words);
  });
});
