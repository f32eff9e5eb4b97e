import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acquire } from "../../src/lab/components/acquire.ts";
import type { LabLayout } from "../../src/lab/layout.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { BENCH, POOL_LABEL } from "./generated-fleet.ts";

/** Nodes, and pods on each. */
export const NODES = { count: 10, pods: 400 } as const;

/** A node that only KWOK pretends to be; large enough for all of its pods. */
export function fakeNodes(): Manifest[] {
  const room = { cpu: "400", memory: "2Ti", pods: String(NODES.pods), "ephemeral-storage": "4Ti" };
  return Array.from({ length: NODES.count }, (_, index) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `bench-${index}`,
      labels: { [POOL_LABEL]: BENCH, "kubernetes.io/hostname": `bench-${index}`, "kubernetes.io/os": "linux" },
      annotations: { "kwok.x-k8s.io/node": "fake" },
    },
    status: { capacity: room, allocatable: room },
  }));
}

/** Starts KWOK on the lab's API server. `digest` is what the tag of the agents' image stands for. */
export async function startKwok(layout: LabLayout, digest: string, signal: AbortSignal): Promise<ChildProcess> {
  const { files } = await acquire("kwok", { progress: () => undefined, signal, env: process.env });
  const stages = (await readFile(join(import.meta.dirname, "kwok-stages.yaml"), "utf8")).replace("TAG_DIGEST", digest);
  const config = join(layout.data, "bench", "kwok.yaml");
  await writeFile(config, stages);
  const log = openSync(join(layout.data, "bench", "kwok.log"), "w");
  const argv = [`--kubeconfig=${layout.kubeconfig}`, `--config=${config}`, "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake"];
  const further = ["--cidr=10.98.0.1/16", "--node-ip=10.99.0.1", "--node-lease-duration-seconds=40"];
  const kwok = spawn(files["kwok"] ?? "kwok", [...argv, ...further], { stdio: ["ignore", log, log] });
  await once(kwok, "spawn");
  return kwok;
}
