import { join, relative } from "node:path";
import { createAgent, type NewAgent } from "../../engine/repository/new-agent.ts";
import { providerKey, type AgentChoices } from "../../render/scaffold-agent.ts";
import type { FleetSource } from "../../spec/repository.ts";
import { agentNames } from "./agent-naming.ts";
import type { CliContext } from "../context.ts";
import { painter } from "../terminal/paint.ts";
import { readFleet } from "../target/read-fleet.ts";
import { linesOfFiles, pluginNote, secretSteps, stepsText, warningsText, type Step } from "./scaffold-text.ts";
import { flagValue, keyNames, parseLine, parseModel, parseVolumeSize } from "./scaffold-values.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** Flags of `frota new`. */
export interface NewFlags {
  readonly repo?: string;
  readonly displayName?: string;
  readonly purpose?: string;
  readonly secret?: readonly string[];
  readonly volumeSize: string;
  readonly model?: string;
  readonly output?: OutputFormat;
}

/** `frota new NAME`: what was written and what is next to stdout, warnings to stderr. */
export async function addAgent(context: CliContext, flags: NewFlags, typed: string): Promise<void> {
  const { stdout, stderr, env } = context.process;
  const requested = requestedAgent(flags, typed);
  const { root, source: fleet } = await readFleet(context.cwd, flags.repo);
  const choices = withProviderKey(requested, fleet);
  const made = await createAgent(root, fleet, choices);
  stderr.write(warningsText(made.warnings, stderr));
  if (choices.model !== undefined) stderr.write(pluginNote(choices.model, choices.name));
  const folder = relative(context.cwd, root);
  const written = made.written.map((path) => join(folder, path));
  if (flags.output) {
    const { name, displayName = name } = choices;
    return writeStructured({ agent: name, displayName, secrets: made.source.agent.spec.secrets.required, written }, flags.output, stdout);
  }
  const paint = painter(stdout, env);
  const { name, displayName } = choices;
  const title = `Agent ${name}${displayName === undefined ? "" : `, called ${displayName},`} is in fleet ${fleet.fleet.metadata.name}: ${written.length} files, checked`;
  const files = linesOfFiles(
    [
      [join(folder, name, "agent.yaml"), "what is special about it: look through it"],
      [join(folder, name, "workspace/"), "what it finds in its workspace: its identity"],
      [join(folder, name, "k8s/"), "rendered from these"],
    ],
    written,
  );
  stdout.write(`${paint("bold", title)}\n\n${files}`);
  stdout.write(stepsText(nextSteps(name, join(folder, name), made), paint));
}

/** What the flags say alone: looked at before any file is read. */
function requestedAgent(flags: NewFlags, typed: string): AgentChoices {
  const { displayName, purpose, model, volumeSize } = flags;
  return {
    ...agentNames(typed, displayName === undefined ? undefined : flagValue("--display-name", displayName, parseLine)),
    ...(purpose !== undefined && { purpose: flagValue("--purpose", purpose, parseLine) }),
    ...(model !== undefined && { model: flagValue("--model", model, parseModel) }),
    secrets: keyNames(flags.secret),
    volumeSize: flagValue("--volume-size", volumeSize, parseVolumeSize),
  };
}

/** A model of its own may need a key that the fleet has not. */
function withProviderKey(choices: AgentChoices, { fleet }: FleetSource): AgentChoices {
  const key = choices.model === undefined ? undefined : providerKey(choices.model);
  const shared = fleet.spec.defaults.secrets.required;
  const own = key === undefined ? choices.secrets : [...new Set([...choices.secrets, key])];
  return { ...choices, secrets: own.filter((one) => !shared.includes(one)) };
}

function nextSteps(name: string, folder: string, { source }: NewAgent): Step[] {
  return [
    { command: "frota render", about: `after an edit of ${folder}/agent.yaml` },
    ...secretSteps(name, source.agent.spec.secrets.required),
    { command: `frota diff ${name}`, about: "what applying would do; writes nothing" },
    { command: `frota apply ${name}` },
    { command: `git add ${folder} && git commit -m 'Add agent ${name}'` },
  ];
}
