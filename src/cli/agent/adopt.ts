import { join, relative } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { adoptConfiguration } from "../../engine/repository/adopt-configuration.ts";
import { selectAgents } from "../../engine/repository/select-agents.ts";
import { parseConfigurationPath, type ConfigurationChange } from "../../plan/configuration-path.ts";
import { selectDrift } from "../../plan/drift.ts";
import { readRepository } from "../../repository/read-repository.ts";
import { writeFiles } from "../../repository/write-files.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { agentDrift } from "./drift.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { readFleet } from "../target/read-fleet.ts";
import { renderInto } from "../fleet/render-repository.ts";

/** Flags of `frota adopt`. */
export type AdoptFlags = ClusterFlags & { readonly dryRun: boolean };

/** Writes what an agent changed itself into its `agent.yaml`: the difference to stdout, the rest to stderr. */
export async function adopt(context: CliContext, flags: AdoptFlags, words: readonly string[]): Promise<void> {
  const [name, ...keys] = words;
  if (name === undefined) throw usage("say whose changes to adopt.", "for example: frota adopt clementina");
  const { root, source } = await readFleet(context.cwd, flags.repo);
  const [agent] = selectAgents(source.agents, [name]);
  if (agent === undefined) return;
  const { stdout, stderr } = context.process;
  const changes = await readChanges(context, flags, name, keys);
  if (changes.length === 0) {
    stderr.write(`${name} is as declared: there is nothing to adopt\n`);
    return;
  }
  const { file, before, after, fleet } = await adoptConfiguration({ files: await readRepository(root), source: agent, changes });
  const shown = join(relative(context.cwd, root), file);
  stdout.write(createTwoFilesPatch(shown, shown, before, after, undefined, undefined, { context: 2, headerOptions: FILE_HEADERS_ONLY }));
  if (flags.dryRun) {
    stderr.write("nothing was written: --dry-run\n");
    return;
  }
  await writeFiles(root, new Map([[file, after]]));
  const rendered = await renderInto(root, fleet);
  stderr.write(`adopted ${changes.length} key${changes.length === 1 ? "" : "s"}; ${rendered.length} rendered file${rendered.length === 1 ? "" : "s"} changed\n`);
  stderr.write(`next: review and commit ${relative(context.cwd, join(root, agent.folder)) || "."}, then \`frota diff ${name}\` and \`frota apply ${name}\`\n`);
}

async function readChanges(context: CliContext, flags: AdoptFlags, name: string, keys: readonly string[]): Promise<readonly ConfigurationChange[]> {
  const world = await openNamespace(context, flags);
  try {
    const { changes } = await agentDrift(world, name);
    return keys.length === 0 ? changes : keys.flatMap((key) => chosen(changes, name, key));
  } finally {
    world.cluster.close();
  }
}

function chosen(changes: readonly ConfigurationChange[], name: string, key: string): ConfigurationChange[] {
  const path = parseConfigurationPath(key);
  const found = path === undefined ? [] : selectDrift(changes, path);
  if (found.length > 0) return found;
  throw usage(`${name} has changed nothing at ${key}.`, `frota drift ${name} lists its keys`);
}

function usage(message: string, next: string): FrotaError {
  return new FrotaError({ code: "ADOPT_ARGUMENTS", message, next, outcome: "usage" });
}
