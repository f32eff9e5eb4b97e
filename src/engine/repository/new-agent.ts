import { renderRepository } from "../../render/repository.ts";
import { scaffoldAgent, schemasOf, type AgentChoices } from "../../render/scaffold-agent.ts";
import { createFiles } from "../../repository/create-files.ts";
import { readRepository } from "../../repository/read-repository.ts";
import { assembleFleet } from "../../spec/assemble.ts";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import { FrotaError } from "../../spec/error.ts";
import type { AgentSource, FleetSource } from "../../spec/repository.ts";
import { checkOpenClaw } from "./check-repository.ts";

/** What was made. */
export interface NewAgent {
  readonly source: AgentSource;
  /** Paths below the fleet repository's root, in the order of writing. */
  readonly written: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Adds an agent to the valid fleet repository at `root`: its own files and its rendered ones, all or nothing; no other file
 * changes. What is written passes every check first. Throws AGENT_EXISTS, AGENT_INVALID, FILES_EXIST, FILE_NOT_WRITTEN.
 */
export async function createAgent(root: string, fleet: FleetSource, choices: AgentChoices): Promise<NewAgent> {
  const { name } = choices;
  if (fleet.agents.some(({ agent }) => agent.metadata.name === name)) throw agentExists(name);
  const files = await readRepository(root);
  const own = scaffoldAgent(choices, fleet.fleet, schemasOf(files.get("fleet.yaml") ?? ""));
  const assembly = assembleFleet(new Map([...files, ...own]));
  // The others were valid before, and are as they were.
  const subjects = assembly.subjects.filter((subject) => subject.source.folder === name);
  const found = [...assembly.diagnostics, ...(await checkOpenClaw({ ...assembly, subjects }))].filter(({ file }) => file.startsWith(`${name}/`));
  const error = found.find(({ severity }) => severity === "error");
  const source = assembly.source?.agents.find(({ agent }) => agent.metadata.name === name);
  if (error || !source || !assembly.source) throw agentInvalid(name, error);
  const rendered = [...renderRepository({ ...assembly.source, agents: [source] })].filter(([path]) => path.startsWith(`${name}/`));
  const all = new Map([...own, ...rendered]);
  await createFiles(root, all);
  return { source, written: [...all.keys()], warnings: found };
}

function agentExists(name: string): FrotaError {
  return new FrotaError({
    code: "AGENT_EXISTS",
    message: `the fleet has an agent called ${name} already`,
    where: { file: `${name}/agent.yaml` },
    next: "give the new one another name",
    outcome: "refused",
  });
}

function agentInvalid(name: string, error: Diagnostic | undefined): FrotaError {
  return new FrotaError({
    code: "AGENT_INVALID",
    message: `nothing was written, for ${name} would not be valid: ${error?.message ?? "its file cannot be read"}`,
    next: error?.fix ?? "give it another name",
    outcome: "usage",
  });
}
