import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { findGo } from "../../src/lab/components/go-toolchain.ts";
import { ACQUIRE_CONTEXT } from "./binaries.ts";
import { connect } from "../../src/cluster/cluster.ts";
import { isPlainMap } from "../../src/spec/plain-data.ts";
import { mapsAt } from "../../src/spec/plain-field.ts";
import type { Manifest } from "../../src/render/manifest.ts";

const MODULE = "github.com/external-secrets/external-secrets@v0.20.4";
const KINDS = ["ExternalSecret", "SecretStore"];

/** Installs the External Secrets Operator's own CRDs for the kinds that Frota renders, and waits until they are served. */
export async function installCustomResources(kubeconfig: string): Promise<void> {
  const cluster = await connect({ path: kubeconfig });
  const definitions = await externalSecretsDefinitions();
  await Promise.all(definitions.map((definition) => cluster.apply(definition)));
  const abort = new AbortController();
  const waiting = new Set(definitions.map((definition) => definition.metadata.name));
  const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
  for await (const event of cluster.watch(kind, {}, abort.signal)) {
    const objects = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    for (const object of objects) if (isEstablished(object)) waiting.delete(object.metadata.name);
    if (waiting.size === 0) break;
  }
  abort.abort();
  cluster.close();
}

async function externalSecretsDefinitions(): Promise<Manifest[]> {
  const { stdout } = await promisify(execFile)(await findGo("external-secrets", ACQUIRE_CONTEXT), ["mod", "download", "-json", MODULE]);
  const { Dir }: { Dir: string } = JSON.parse(stdout);
  const bundle = await readFile(join(Dir, "deploy/crds/bundle.yaml"), "utf8");
  const wanted = bundle.split(/^---$/m).filter((part) => KINDS.some((kind) => part.includes(`\n    kind: ${kind}\n`)));
  return wanted.flatMap((part) => parseAllDocuments(part).map((document) => withoutConversion(document.toJS())));
}

/** Without the operator nothing answers the conversion webhook, and only one version is used. */
function withoutConversion(definition: Manifest): Manifest {
  const spec = isPlainMap(definition["spec"]) ? definition["spec"] : {};
  return { ...definition, spec: { ...spec, conversion: { strategy: "None" } } };
}

function isEstablished(definition: Manifest): boolean {
  return mapsAt(definition, "status", "conditions").some(({ type, status }) => type === "Established" && status === "True");
}
