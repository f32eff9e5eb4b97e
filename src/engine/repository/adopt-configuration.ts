import { adoptInto } from "../../plan/adopt.ts";
import { formatConfigurationPath, type ConfigurationChange } from "../../plan/configuration-path.ts";
import { holdsSecret } from "../../plan/drift.ts";
import { declaredConfiguration } from "../../render/openclaw-configuration.ts";
import { isEqual } from "../../render/start-guard/merge.mjs";
import { assembleFleet } from "../../spec/assemble.ts";
import { FrotaError } from "../../spec/error.ts";
import { valueAt } from "../../spec/plain-data.ts";
import type { AgentSource, FleetSource, RepositoryFiles } from "../../spec/repository.ts";
import { checkOpenClaw } from "./check-repository.ts";

/** A fleet repository before something is adopted into it. */
export interface Adoption {
  readonly files: RepositoryFiles;
  readonly source: AgentSource;
  readonly changes: readonly ConfigurationChange[];
}

/** The agent's file afterwards, checked, and the whole fleet with it. */
export interface Adopted {
  /** Below the repository's root. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly fleet: FleetSource;
}

/**
 * Works out an agent's file with its own changes in it. Writes nothing. Throws ADOPT_SECRET for a credential,
 * ADOPT_NOT_POSSIBLE, ADOPT_INVALID for what could not be declared, and ADOPT_OVERRULED where another file declares the key.
 */
export async function adoptConfiguration({ files, source, changes }: Adoption): Promise<Adopted> {
  const secret = changes.find(holdsSecret);
  if (secret) throw isSecret(source, secret);
  const file = `${source.folder}/agent.yaml`;
  const before = files.get(file) ?? "";
  const after = adoptInto(file, before, changes);
  const assembly = assembleFleet(new Map([...files, [file, after]]));
  const error = [...assembly.diagnostics, ...(await checkOpenClaw(assembly))].find(({ severity }) => severity === "error");
  if (error || !assembly.source) {
    throw new FrotaError({
      code: "ADOPT_INVALID",
      message: `with these keys the file would not be valid: ${error ? `${error.code}: ${error.message}` : "there is no Fleet"}`,
      where: error ? { file: error.file, line: error.line, column: error.column } : { file },
      next: `name the keys to adopt one by one: \`frota drift ${source.agent.metadata.name}\` lists them`,
      outcome: "refused",
    });
  }
  const agent = assembly.source.agents.find(({ folder }) => folder === source.folder)?.agent;
  const declared = agent ? declaredConfiguration(agent) : {};
  const overruled = changes.find((change) => !isEqual(valueAt(declared, change.path), change.after));
  if (overruled) throw isOverruled(source, overruled);
  return { file, before, after, fleet: assembly.source };
}

function isSecret({ agent, folder }: AgentSource, { path }: ConfigurationChange): FrotaError {
  const { name } = agent.metadata;
  return new FrotaError({
    code: "ADOPT_SECRET",
    message: `openclaw.${formatConfigurationPath(path)} holds a credential; nothing was written`,
    where: { file: `${folder}/agent.yaml` },
    next: `put the value into Vault (frota secrets set ${name} NAME), list NAME in secrets.required and write \${NAME} in its place; or adopt other keys by naming them`,
    outcome: "refused",
  });
}

function isOverruled({ agent, folder }: AgentSource, { path, after }: ConfigurationChange): FrotaError {
  const key = formatConfigurationPath(path);
  return new FrotaError({
    code: "ADOPT_OVERRULED",
    message: after === undefined ? `openclaw.${key} is declared by fleet.yaml or by Frota itself; an agent's file cannot remove it` : `openclaw.${key} is merged with what fleet.yaml declares and would not become what the agent has`,
    where: { file: `${folder}/agent.yaml` },
    next: `change it in fleet.yaml, or put the declared value back: frota restart ${agent.metadata.name}`,
    outcome: "refused",
  });
}
