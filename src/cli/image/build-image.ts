import { join } from "node:path";
import { execa } from "execa";
import { unconsumedArguments } from "../../lab/image/build-arguments.ts";
import { buildImage, type BuiltImage, type ImageBuild } from "../../lab/image/build-image.ts";
import { labLayout, labName } from "../../lab/layout.ts";
import { THIS_PLATFORM, wayToLab, type Platform } from "../../lab/machine/platform.ts";
import { runSteps } from "../../lab/steps.ts";
import { dockerCredentials } from "../../registry/credentials.ts";
import { parseReference } from "../../registry/reference.ts";
import { FrotaError } from "../../spec/error.ts";
import type { FleetSource } from "../../spec/repository.ts";
import { suggestName } from "../../spec/suggestion.ts";
import type { CliContext, Output } from "../context.ts";
import { readFleet } from "../target/read-fleet.ts";
import { registryOptions } from "../target/registry-access.ts";
import { stepView } from "../terminal/step-view.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { wrapParagraph } from "../terminal/wrapped-text.ts";
import { resolveTarget } from "../target/target.ts";

/** Flags of `frota image build`. */
export interface BuildFlags {
  readonly push?: string;
  readonly tag?: readonly string[];
  readonly buildArg?: readonly string[];
  readonly repo?: string;
  readonly output?: OutputFormat;
}

/** What decides where an image goes, beside the flags. */
interface DestinationWorld {
  readonly source: FleetSource;
  readonly commit: string | undefined;
}

type Destination = Pick<ImageBuild, "repository" | "tags" | "registry">;

/** `frota image build` */
export async function buildAndPush(context: CliContext, flags: BuildFlags): Promise<void> {
  const { env, stdout, stderr } = context.process;
  const args = buildArguments(flags.buildArg ?? []);
  const repository = await readFleet(context.cwd, flags.repo);
  const folder = join(repository.root, "base");
  stderr.write(unconsumedText(await unconsumedArguments(folder, args), stderr));
  const commit = await gitCommit(repository.root);
  const destination = await chooseDestination(context, flags, { source: repository.source, commit });
  const layout = labLayout(labName(env), env);
  const logFile = join(layout.cache, "images", "build.log");
  const built: BuiltImage[] = [];
  const view = stepView(stderr);
  const step = {
    id: "image",
    title: `Build ${destination.repository}`,
    run: async ({ progress, signal }: { progress: (text: string) => void; signal: AbortSignal }) => {
      const workshop = { folder: join(layout.cache, "images"), logFile, env, signal, progress };
      const labels = commit === undefined ? {} : { "org.opencontainers.image.revision": commit };
      built.push(await buildImage(workshop, { folder, ...destination, arguments: args, labels }));
      return built[0]?.outcome;
    },
  };
  try {
    await runSteps([step], view.report, context.signal);
  } finally {
    view.close();
  }
  const [image] = built;
  if (!image) return;
  if (image.base.substitute) stderr.write(`Built from a substitute for ${image.base.reference}: ${image.base.why}\n`);
  if (flags.output) return writeStructured(image, flags.output, stdout);
  stdout.write(image.tags.map((tag) => `${image.repository}:${tag}@${image.digest}\n`).join(""));
}

/** A warning for each argument that nothing takes: mostly one that is misspelled. */
export function unconsumedText({ names, declared }: Awaited<ReturnType<typeof unconsumedArguments>>, output: Output): string {
  const warnings = names.map((name) => `warning: build argument ${name} is not consumed: base/Dockerfile has no ARG ${name}; ${suggestName(name, declared)}`);
  return warnings.map((warning) => wrapParagraph(warning, output)).join("");
}

async function chooseDestination(context: CliContext, flags: BuildFlags, world: DestinationWorld): Promise<Destination> {
  const { env } = context.process;
  const { repository, tag } = world.source.fleet.spec.image;
  if (flags.push !== undefined) {
    const asked = parseReference(flags.push);
    const named = flags.push.endsWith(`:${asked.tag}`) ? asked.tag : undefined;
    const tags: Destination["tags"] = named === undefined ? chooseTags(flags, tag, world.commit) : [named];
    const registry = { credentials: dockerCredentials(env), signal: context.signal };
    return { repository: `${asked.registry}/${asked.repository}`, tags, registry };
  }
  const target = await resolveTarget({}, env).catch((error: unknown) => {
    throw error instanceof FrotaError && error.code === "NO_CLUSTER" ? nowhere(repository, labName(env), THIS_PLATFORM) : error;
  });
  if (target.kind === "lab") {
    return { repository, tags: chooseTags(flags, tag, world.commit), registry: registryOptions(context, target, undefined) };
  }
  throw new FrotaError({
    code: "PUSH_UNNAMED",
    message: `FROTA_CONTEXT names ${target.name}, whose image is built where the fleet repository's workflow says`,
    next: `push to main, or push from here with --push ${repository}`,
    outcome: "refused",
  });
}

/** Without a lab: the way to one and the way without, or, where no image can be built at all, who builds it. */
export function nowhere(repository: string, lab: string, platform: Platform): FrotaError {
  const way = wayToLab(platform);
  return new FrotaError({
    code: "PUSH_UNNAMED",
    message: `lab ${lab} is not running, to whose registry the image would go`,
    next: way === undefined ? "push to main and let the workflow build: building here needs Linux and root" : `${way}; or name another registry: --push ${repository}`,
    outcome: "usage",
  });
}

function chooseTags(flags: BuildFlags, fleetTag: string, commit: string | undefined): Destination["tags"] {
  const [first, ...others] = flags.tag ?? [];
  if (first !== undefined) return [first, ...others];
  return commit === undefined ? [fleetTag] : [fleetTag, commit];
}

function buildArguments(texts: readonly string[]): Record<string, string> {
  const entries = texts.map((text) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
    if (name !== undefined && value !== undefined) return [name, value] as const;
    throw new FrotaError({
      code: "BUILD_ARGUMENT_INVALID",
      message: `not a build argument: ${text}`,
      next: "write it as --build-arg NAME=value",
      outcome: "usage",
    });
  });
  return Object.fromEntries(entries);
}

/** The commit that is checked out, with `-dirty` where base/ differs from it; undefined outside of Git. */
async function gitCommit(root: string): Promise<string | undefined> {
  const git = (...args: string[]) => execa("git", ["-C", root, ...args], { reject: false });
  const head = await git("rev-parse", "HEAD");
  if (head.failed) return undefined;
  const status = await git("status", "--porcelain", "--", "base");
  return `${head.stdout.trim()}${status.stdout.trim() === "" ? "" : "-dirty"}`;
}
