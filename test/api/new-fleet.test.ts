import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { runCli } from "./cli-run.ts";

const NAMESPACE = "new-fleet";
let folder: string;
let cluster: Cluster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-new-fleet-"));
  cluster = await connect({ path: inject("kubeconfig") });
});
afterAll(async () => {
  cluster.close();
  await rm(folder, { recursive: true });
});

test("what init and new write, the API server accepts as it is, file by file", async () => {
  const flags = ["--image", "registry.example.com/acme/openclaw-agent", "--node-pool", "large", "--node-pool-label", "example.com/pool", "--storage-class", "fast"];
  expect(await runCli(["init", "acme", "--namespace", NAMESPACE, ...flags], { cwd: folder, env: {} })).toMatchObject({ code: 0 });
  expect(await runCli(["new", "Clóvis", "--volume-size", "25Gi"], { cwd: join(folder, "acme"), env: {} })).toMatchObject({ code: 0 });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });

  const files = [...(await readRepository(join(folder, "acme")))].filter(([path]) => path.includes("k8s/"));
  expect(files).toHaveLength(15);
  for (const [path, text] of files) {
    const manifest: Manifest = parse(text);
    const accepted = await cluster.apply(manifest, { dryRun: true });
    expect([path, accepted]).toMatchObject([path, manifest]);
  }
});
