import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { renderedTexts } from "./objects.ts";

/**
 * Writes the same fleet as a Helm chart in which agents are values: one template for each kind, a loop over the agents, and nothing
 * computed in it but their names. A real chart, which composes labels and merges defaults, does more.
 */
export async function writeChart(folder: string, repository: string, names: readonly string[]): Promise<void> {
  const [first = ""] = names;
  await mkdir(join(folder, "templates"), { recursive: true });
  await writeFile(join(folder, "Chart.yaml"), stringify({ apiVersion: "v2", name: "agents", version: "1.0.0" }));
  await writeFile(join(folder, "values.yaml"), stringify({ agents: names }));
  for (const [index, text] of (await renderedTexts(repository, first)).entries()) {
    const template = text.replaceAll("{{", '{{ "{{" }}').replaceAll(first, "{{ $name }}");
    await writeFile(join(folder, "templates", `${index}.yaml`), `{{- range $name := .Values.agents }}\n---\n${template}{{- end }}\n`);
  }
}
