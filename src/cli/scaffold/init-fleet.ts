import { basename, join, relative } from "node:path";
import { createFleet, placeFleet, type FleetPlace, type NewFleet } from "../../engine/repository/new-fleet.ts";
import { providerKey } from "../../render/scaffold-agent.ts";
import type { FleetChoices } from "../../render/scaffold-fleet.ts";
import type { CliContext } from "../context.ts";
import { fleetChoices, type InitFlags } from "./fleet-choices.ts";
import { painter, type Paint } from "../terminal/paint.ts";
import { linesOfFiles, pluginNote, secretSteps, stepsText, valuesText, warningsText, type Step } from "./scaffold-text.ts";
import { writeStructured } from "../terminal/structured-output.ts";

/** `frota init DIR`: what was written and what is next to stdout, questions and warnings to stderr. */
export async function initFleet(context: CliContext, flags: InitFlags, directory = "."): Promise<void> {
  const { stdout, stderr, env } = context.process;
  const place = await placeFleet(context.cwd, directory);
  const choices = await fleetChoices(context, flags, basename(place.gitRoot));
  const made = await createFleet(place, choices, flags.workflow);
  stderr.write(warningsText(made.warnings, stderr));
  if (providerKey(choices.model) === undefined) {
    stderr.write(`note: which key the model ${choices.model} needs is not known here: add it to spec.defaults.secrets.required of fleet.yaml\n`);
  }
  if (flags.volumeSize !== undefined && choices.agents.length === 0) {
    stderr.write(`note: there is no first agent that --volume-size would be for: frota new NAME --volume-size ${flags.volumeSize}\n`);
  }
  stderr.write(pluginNote(choices.model, choices.agents[0]?.name ?? "NAME"));
  const shown = (path: string) => relative(context.cwd, join(place.gitRoot, path)) || ".";
  if (flags.output) {
    const { name, namespace } = made.source.fleet.metadata;
    const agents = made.source.agents.map(({ agent }) => agent.metadata.name);
    return writeStructured({ fleet: name, namespace, root: place.root, agents, written: made.written.map(shown), kept: made.kept.map(shown) }, flags.output, stdout);
  }
  const paint = painter(stdout, env);
  stdout.write(filesText({ context, place, choices, made }, paint));
  stdout.write(stepsText(nextSteps({ context, place, choices, made }), paint));
}

interface Report {
  readonly context: CliContext;
  readonly place: FleetPlace;
  readonly choices: FleetChoices;
  readonly made: NewFleet;
}

function filesText({ context, place, choices, made }: Report, paint: Paint): string {
  const where = relative(context.cwd, place.root);
  const below = place.folder === "" ? "" : `${place.folder}/`;
  const files = linesOfFiles(
    [
      [`${below}fleet.yaml`, "what all agents share: look through it"],
      ...choices.agents.map(({ name }): [string, string] => [`${below}${name}/`, "agent.yaml: what is special about this one"]),
      [`${below}k8s/`, "the fleet's own objects, rendered"],
      [`${below}base/`, "the image that all agents run"],
      [".github/", "the workflow that builds and pushes the image"],
      [`${below}README.md`, "what to do every day, and once"],
      [".gitignore", "what must never be committed"],
    ],
    made.written,
  );
  const kept = made.kept.length === 0 ? "" : `Kept as it was: ${made.kept.join(", ")}\n`;
  const title = `Fleet ${choices.name} is in ${where === "" ? "this folder" : `${where}/`}: ${made.written.length} files, checked`;
  return `${paint("bold", title)}\n\n${files}${kept}\n${paint("bold", "fleet.yaml says:")}\n${valuesText(chosen(choices))}`;
}

function chosen({ namespace, image, pullSecrets, nodePool, storageClass, vault, model }: FleetChoices): [string, string][] {
  return [
    ["namespace", namespace],
    ["image", image],
    ["pull secret", pullSecrets.join(", ") || "none: anybody may pull the image"],
    ["node pool", `${nodePool.label}=${nodePool.name}`],
    ["storage class", storageClass],
    ["Vault", vault.address],
    ["secrets", `${vault.mount}/${vault.path}/<agent>, read with role ${vault.role}`],
    ["model", model],
  ];
}

/** A word as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w./@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function nextSteps({ context, place, choices, made }: Report): Step[] {
  const folder = relative(context.cwd, place.gitRoot);
  const [first] = choices.agents;
  const hasWorkflow = made.written.some((path) => path.startsWith(".github/"));
  return [
    ...(folder === "" ? [] : [{ command: `cd ${shellWord(folder)}` }]),
    ...(first === undefined ? [{ command: "frota new NAME", about: "a first agent" }] : []),
    ...(place.isInGit ? [] : [{ command: "git init" }]),
    { command: "git add . && git commit -m 'A fleet of agents'" },
    ...(hasWorkflow ? [{ about: "after a push GitHub builds the image; it needs the repository's secrets" }, { about: "REGISTRY_USERNAME and REGISTRY_PASSWORD" }] : []),
    { command: "frota start", about: "or first in a lab on this machine: Linux, root" },
    { command: "export FROTA_CONTEXT=NAME", about: "your cluster, as kubectl calls it" },
    { command: "frota doctor", about: "what it lacks, and what to do" },
    ...(first === undefined ? [] : secretSteps(first.name, choices.secrets)),
    { command: "frota apply", about: "creates what is not there" },
  ];
}
