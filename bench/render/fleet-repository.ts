import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { generateFleet } from "../fleet/generated-fleet.ts";

/** Writes the repository of a generated fleet, not rendered yet, and returns its agents' names. */
export async function writeFleetRepository(root: string, agents: number): Promise<readonly string[]> {
  const fleet = generateFleet({ agents, repository: "registry.example.com/openclaw-agent" });
  const write = async (folder: string, file: string, document: object) => {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, file), stringify(document));
  };
  await write("", "fleet.yaml", fleet.fleet);
  for (const agent of fleet.agents) await write(agent.metadata.name, "agent.yaml", agent);
  return fleet.names;
}

/** Takes what was rendered away. */
export async function removeRendered(root: string, names: readonly string[]): Promise<void> {
  for (const folder of ["", ...names]) await rm(join(root, folder, "k8s"), { recursive: true, force: true });
}
