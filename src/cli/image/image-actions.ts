import { connect, type Cluster } from "../../cluster/cluster.ts";
import { VERSION_ANNOTATION } from "../../engine/observe/agent-facts.ts";
import { selectAgents } from "../../engine/repository/select-agents.ts";
import { checkImage, type ImageProblem } from "../../registry/check-image.ts";
import type { RegistryOptions } from "../../registry/client.ts";
import type { ResolvedImage } from "../../registry/image.ts";
import { agentImage } from "../../render/deployment.ts";
import { agentNames } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import type { AgentSource, FleetSource } from "../../spec/repository.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { chooseNamespace } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { readFleet } from "../target/read-fleet.ts";
import { imageOrMissing, registryOptions } from "../target/registry-access.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { resolveTarget, type Target } from "../target/target.ts";

/** Flags of commands that read images. */
export type ImageFlags = ClusterFlags & { readonly output?: OutputFormat };

/** What is needed to read the fleet's images. */
interface ImageWorld {
  readonly source: FleetSource;
  readonly options: RegistryOptions;
  /** Undefined when no cluster is named and no lab runs: docker's credentials are then the only ones. */
  readonly cluster: Cluster | undefined;
  readonly namespace: string;
}

/** `frota image digest [reference]` */
export async function showDigest(context: CliContext, flags: ImageFlags, reference: string | undefined): Promise<void> {
  const { stdout } = context.process;
  const image = await wantedImage(context, flags, reference);
  if (flags.output) return writeStructured(image, flags.output, stdout);
  stdout.write(`${image.digest}\n`);
}

/** The image that is named, else the fleet's. A named one is read without a fleet repository too: with docker's credentials alone. */
async function wantedImage(context: CliContext, flags: ImageFlags, reference: string | undefined): Promise<ResolvedImage> {
  const { resolveImage } = await import("../../registry/image.ts");
  try {
    return await withImages(context, flags, ({ source, options }) => {
      const { repository, tag } = source.fleet.spec.image;
      return resolveImage(reference ?? `${repository}:${tag}`, options);
    });
  } catch (error) {
    const isFleetless = error instanceof FrotaError && error.code === "NO_REPOSITORY" && flags.repo === undefined;
    if (reference === undefined || !isFleetless) throw error;
    return resolveImage(reference, registryOptions(context, await targetIfAny(context, flags), undefined));
  }
}

/** One image and the agents that would run it. */
interface CheckedImage {
  readonly reference: string;
  readonly agents: readonly string[];
  readonly image: ResolvedImage | undefined;
  readonly problems: readonly (ImageProblem & { readonly agents: readonly string[] })[];
}

/** `frota image check [agent...]` */
export async function checkImages(context: CliContext, flags: ImageFlags, names: readonly string[]): Promise<void> {
  const { stdout } = context.process;
  const checked = await withImages(context, flags, async (world) => {
    const byReference = Map.groupBy(selectAgents(world.source.agents, names), ({ agent }) => agentImage(world.source.fleet, agent.spec));
    return Promise.all([...byReference].map(([reference, agents]) => checkOne(world, reference, agents)));
  });
  if (checked.some(({ problems }) => problems.some(({ severity }) => severity === "error"))) context.process.exitCode = EXIT.no;
  if (flags.output) return writeStructured(checked, flags.output, stdout);
  stdout.write(checked.map((image) => checkedText(context, image)).join("\n"));
}

async function checkOne(world: ImageWorld, reference: string, agents: readonly AgentSource[]): Promise<CheckedImage> {
  const image = await imageOrMissing(reference, world.options);
  const versions = await Promise.all(agents.map((agent) => stateVersion(world, agent)));
  const found = new Map<string, ImageProblem & { agents: string[] }>();
  for (const [index, { agent }] of agents.entries()) {
    for (const problem of checkImage(image ?? { reference, missing: true }, versions[index])) {
      const known = found.get(problem.message) ?? { ...problem, agents: [] };
      known.agents.push(agent.metadata.name);
      found.set(problem.message, known);
    }
  }
  return { reference, agents: agents.map(({ agent }) => agent.metadata.name), image, problems: [...found.values()] };
}

/** The OpenClaw version that last ran on the agent's state, as its volume claim says. */
async function stateVersion({ cluster, namespace }: ImageWorld, { agent }: AgentSource): Promise<string | undefined> {
  const name = agentNames(agent).volumeClaim;
  const claim = await cluster?.get({ apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name });
  return claim?.metadata.annotations?.[VERSION_ANNOTATION];
}

function checkedText(context: CliContext, { reference, agents, image, problems }: CheckedImage): string {
  const paint = painter(context.process.stdout, context.process.env);
  const platforms = image?.platforms.map(({ os, architecture }) => `${os}/${architecture}`).join(", ");
  const facts = image && [
    `  digest    ${image.digest}`,
    `  platforms ${platforms}`,
    `  OpenClaw  ${image.openclawVersion ?? "unknown"}, needs Node ${image.engines ?? "unknown"}; Node in it: ${image.node ?? "unknown"}`,
  ];
  const found = problems.map(({ severity, code, message, next, agents: concerned }) => {
    const who = concerned.length === agents.length ? "" : ` (${concerned.join(", ")})`;
    return `  ${paint(severity === "error" ? "red" : "yellow", severity)} ${code}${who}: ${message}\n    next: ${next}`;
  });
  const verdict = found.length > 0 ? found : [`  ${paint("green", "ok")}`];
  return `${[`${paint("bold", reference)}  for ${agents.join(", ")}`, ...(facts ?? []), ...verdict].join("\n")}\n`;
}

async function withImages<Result>(
  context: CliContext,
  flags: ClusterFlags,
  work: (world: ImageWorld) => Promise<Result>,
): Promise<Result> {
  const { source } = await readFleet(context.cwd, flags.repo);
  const target = await targetIfAny(context, flags);
  const cluster = target && (await connect(target.kubeconfig));
  const namespace = await chooseNamespace(cluster, flags, source.fleet.metadata.namespace);
  try {
    const pull = cluster && { cluster, namespace, names: source.fleet.spec.image.pullSecrets };
    return await work({ source, options: registryOptions(context, target, pull), cluster, namespace });
  } finally {
    cluster?.close();
  }
}

/** Reading a registry needs no cluster, so that none being there is no failure unless one was named. */
async function targetIfAny(context: CliContext, flags: ClusterFlags): Promise<Target | undefined> {
  try {
    return await resolveTarget(flags, context.process.env);
  } catch (error) {
    if (error instanceof FrotaError && error.code === "NO_CLUSTER") return undefined;
    throw error;
  }
}
