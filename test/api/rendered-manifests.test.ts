import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect } from "../../src/cluster/cluster.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { renderAgent } from "../../src/render/agent.ts";
import { renderFleet } from "../../src/render/fleet.ts";
import { manifestKey } from "../../src/render/manifest.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import type { FleetSource } from "../../src/spec/repository.ts";

const REPOSITORIES = { "the committed fleet": "../../agents", "a fleet that uses everything": "../../src/render/testdata/everything" };
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
});
afterAll(() => cluster.close());

test.each(Object.entries(REPOSITORIES))("the API server accepts every object of %s, without a warning's cause", async (_, folder) => {
  const source = await readSource(join(import.meta.dirname, folder));
  const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: source.fleet.metadata.namespace } };
  await cluster.apply(namespace);
  const manifests = [...renderFleet(source.fleet), ...source.agents.flatMap((agent) => renderAgent(source.fleet, agent))];
  for (const manifest of manifests) {
    const accepted = await cluster.apply(manifest, { dryRun: true });
    expect(lost(manifest, accepted), manifestKey(manifest)).toEqual([]);
  }
});

async function readSource(root: string): Promise<FleetSource> {
  const { source, diagnostics } = assembleFleet(await readRepository(root));
  if (!source || diagnostics.some(({ severity }) => severity === "error")) throw new Error(JSON.stringify(diagnostics));
  return source;
}

/** Paths of rendered values that the server dropped or changed: each would be a difference for ever. */
function lost(rendered: unknown, stored: unknown, path = ""): string[] {
  if (Array.isArray(rendered)) return rendered.flatMap((item, index) => lost(item, Array.isArray(stored) ? stored[index] : undefined, `${path}[${index}]`));
  if (typeof rendered === "object" && rendered !== null) {
    const object: Readonly<Record<string, unknown>> = typeof stored === "object" && stored !== null ? { ...stored } : {};
    return Object.entries(rendered).flatMap(([key, value]) => lost(value, object[key], `${path}.${key}`));
  }
  return rendered === stored ? [] : [path];
}
