import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { containerRestartWords, replacementWords } from "./restart-words.ts";

interface PodOptions {
  readonly hash?: string;
  readonly image?: string;
  readonly annotations?: Record<string, string>;
  readonly status?: object;
}

function pod({ hash = "1", image = "openclaw:1", annotations = {}, status = {} }: PodOptions): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "clovis-1", labels: { "pod-template-hash": hash }, annotations },
    spec: { containers: [{ name: "openclaw", image }] },
    status,
  };
}

const restart = JSON.stringify({ id: "r2", cause: "Secret", at: "2026-11-23T09:00:00Z", detail: "keys of clovis-env changed" });
const deployment: Manifest = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "clovis", annotations: { "frota.dev/restart": restart } } };
const evicted = { conditions: [{ type: "DisruptionTarget", status: "True", message: "The node was low on resource: memory." }] };

describe("why a pod takes another's place", () => {
  test.each<[string, Manifest, Manifest]>([
    ["Secret: keys of clovis-env changed", pod({ hash: "1", annotations: { "frota.dev/restart-id": "r1" } }), pod({ hash: "2", annotations: { "frota.dev/restart-id": "r2" } })],
    ["its pod was deleted, evicted or lost", pod({ annotations: { "frota.dev/restart-id": "r2" } }), pod({ annotations: { "frota.dev/restart-id": "r2" } })],
    ["a restart was asked for", pod({}), pod({ hash: "2", annotations: { "kubectl.kubernetes.io/restartedAt": "2026-11-23T09:00:00Z" } })],
    ["another image", pod({}), pod({ hash: "2", image: "openclaw:2" })],
    ["its configuration changed", pod({}), pod({ hash: "2", annotations: { "frota.dev/restart-config": "ab" } })],
    ["its Deployment changed", pod({}), pod({ hash: "2" })],
    ["The node was low on resource: memory.", pod({ status: evicted }), pod({})],
  ])("%s", (words, before, now) => {
    expect(replacementWords(before, now, deployment)).toBe(words);
  });
});

describe("why a container began again", () => {
  const after = (terminated: object) => pod({ status: { containerStatuses: [{ name: "openclaw", restartCount: 1, state: { running: {} }, lastState: { terminated } }] } });

  test.each<[string | undefined, Manifest]>([
    ["its gateway ended with exit code 137 (OOMKilled)", after({ exitCode: 137, reason: "OOMKilled" })],
    [
      "its gateway ended with exit code 78: frota refused to start OpenClaw: it is older than the state",
      after({ exitCode: 78, reason: "Error", message: "frota start guard: merging\nfrota refused to start OpenClaw: it is older than the state\n" }),
    ],
    [undefined, pod({ status: { containerStatuses: [{ name: "openclaw", restartCount: 1, state: { running: {} } }] } })],
  ])("%s", (words, restarted) => {
    expect(containerRestartWords(restarted)).toBe(words);
  });
});
