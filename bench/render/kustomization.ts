import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { renderedTexts } from "./objects.ts";

/**
 * Writes the same fleet for kustomize, the way that costs it least: each agent's objects are written out, and nothing is left to patch. (A
 * base with an overlay for each agent, in one build, fails: kustomize cannot tell then which agent's ServiceAccount a Deployment names.)
 */
export async function writeKustomization(folder: string, repository: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const texts = await renderedTexts(repository, name);
    await write(join(folder, name), texts.map((_, index) => `${index}.yaml`));
    for (const [index, text] of texts.entries()) await writeFile(join(folder, name, `${index}.yaml`), text);
  }
  await write(folder, names);
}

async function write(folder: string, resources: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "kustomization.yaml"), stringify({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources }));
}
