import packageJson from "../../../package.json" with { type: "json" };
import { controllerManifests, installController } from "../../engine/controller-installation/install.ts";
import { controllerStatus, type ControllerStatus } from "../../engine/controller-installation/status.ts";
import { deleteDefinitions, uninstallController } from "../../engine/controller-installation/uninstall.ts";
import { CONTROLLER_NAMESPACE, controllerName } from "../../render/names.ts";
import { resolveDigest } from "../../registry/image.ts";
import { FrotaError } from "../../spec/error.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { idText } from "../fleet/change-summary.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { buildControllerInLab, controllerImage } from "./controller-image.ts";
import { formatDuration } from "../terminal/duration.ts";
import { EXIT } from "../exit-code.ts";
import { withFleet, type FleetSession } from "../target/fleet-session.ts";
import { openNamespace } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { readFleet } from "../target/read-fleet.ts";
import { registryOptions } from "../target/registry-access.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import type { Target } from "../target/target.ts";
import { typedAnswer } from "../terminal/typed-answer.ts";

/** Flags of `frota controller install`. */
export interface InstallFlags extends Pick<ClusterFlags, "context" | "repo"> {
  readonly image?: string;
  readonly replicas: number;
  readonly manifests: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** Flags of `frota controller uninstall`. */
export interface UninstallFlags extends ClusterFlags {
  readonly crds?: string;
  readonly yes: boolean;
}

const now = () => new Date();

/** `frota controller install` */
export async function install(context: CliContext, flags: InstallFlags): Promise<void> {
  const { source } = await readFleet(context.cwd, flags.repo);
  const wanted = flags.image ?? controllerImage(source.fleet);
  if (flags.manifests) return printManifests(context, source.fleet, { image: wanted, replicas: flags.replicas });
  await withFleet(context, flags, [], async (session) => {
    const { stderr } = context.process;
    const { cluster, target } = session;
    const { fleet } = session.source;
    if (target.kind === "lab" && flags.image === undefined) await buildControllerInLab(context, fleet, target.registry);
    const image = await pinnedImage(context, session, wanted);
    stderr.write(`${target.name}: installing ${controllerName(fleet.metadata.namespace)} in ${CONTROLLER_NAMESPACE}, image ${image}\n`);
    const liveness = await installController({
      cluster,
      fleet,
      options: { image, replicas: flags.replicas, registryMirrors: target.registry.mirrors },
      timeout: flags.timeout * 1000,
      signal: context.signal,
      now,
      onApplied: (object) => stderr.write(`  applied ${idText(object)}\n`),
    });
    stderr.write(`${liveness.holder} holds the Lease, renewed ${age(liveness.renewedSecondsAgo)}. Running agents were not touched.\n`);
  });
}

async function printManifests(context: CliContext, fleet: Fleet, options: Parameters<typeof controllerManifests>[1]): Promise<void> {
  const { yamlText } = await import("../terminal/yaml-text.ts");
  const texts = controllerManifests(fleet, options).map((manifest) => yamlText(manifest));
  context.process.stdout.write(texts.join("---\n"));
}

/** The image by digest, so that every node runs the same; by its tag where the registry cannot be asked from here. */
async function pinnedImage(context: CliContext, { cluster, target, source }: FleetSession, image: string): Promise<string> {
  if (image.includes("@")) return image;
  const { metadata, spec } = source.fleet;
  try {
    const pull = { cluster, namespace: metadata.namespace, names: spec.image.pullSecrets };
    return `${image}@${await resolveDigest(image, registryOptions(context, target, pull))}`;
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    if (error.code === "IMAGE_NOT_FOUND") throw imageMissing(image, target);
    context.process.stderr.write(`warning: ${image} could not be looked up from here: ${error.message}\n`);
    return image;
  }
}

function imageMissing(image: string, target: Target): FrotaError {
  return new FrotaError({
    code: "CONTROLLER_IMAGE_MISSING",
    message: `the registry has no ${image}`,
    next: target.kind === "lab" ? "frota start" : "let the workflow controller-image build it, or name another with --image",
    outcome: "refused",
  });
}

/** `frota controller uninstall` */
export async function uninstall(context: CliContext, flags: UninstallFlags): Promise<void> {
  if (flags.crds !== undefined && flags.crds !== DEFINITIONS) throw wrongDefinitions(flags.crds);
  const { cluster, namespace, target } = await openNamespace(context, flags);
  const { stderr } = context.process;
  const onDeleted = (object: Parameters<typeof idText>[0]) => stderr.write(`  deleted ${idText(object)}\n`);
  const removal = { cluster, namespace, signal: context.signal, now, onDeleted };
  try {
    stderr.write(`${target.name}: removes ${controllerName(namespace)}. The agents of ${namespace} go on, with their volumes, as the plain way runs them.\n`);
    if (flags.crds !== undefined) {
      stderr.write(`Then removes the definitions of ${DEFINITIONS}, and with them every Fleet and Agent resource in every namespace; the files in Git keep them.\n`);
    }
    if (!flags.yes) await confirm(context, namespace);
    await uninstallController(removal);
    if (flags.crds !== undefined) await deleteDefinitions(removal);
    const apply = flags.crds === undefined ? "frota apply --plain" : "frota apply";
    stderr.write(`${controllerName(namespace)} is gone. Changes are applied by \`${apply}\` or kubectl from now on.\n`);
  } finally {
    cluster.close();
  }
}

/** API group of the definitions: what `--crds` has to name. */
const DEFINITIONS = "frota.dev";

function wrongDefinitions(given: string): FrotaError {
  return new FrotaError({
    code: "NOT_CONFIRMED",
    message: `--crds deletes every Fleet and Agent resource of the cluster, and must name their group: not ${given}`,
    next: `frota controller uninstall --crds ${DEFINITIONS}`,
    outcome: "usage",
  });
}

function notConfirmed(message: string): FrotaError {
  return new FrotaError({ code: "NOT_CONFIRMED", message, next: "frota controller uninstall --yes", outcome: "refused" });
}

async function confirm(context: CliContext, namespace: string): Promise<void> {
  if (context.process.stdin.isTTY !== true) throw notConfirmed("removing the controller needs a confirmation, and there is no terminal to ask on");
  const answer = await typedAnswer(context, "Type the fleet's namespace to go on: ");
  if (answer !== namespace) throw notConfirmed("the namespace was not confirmed; nothing was changed");
}

/** `frota controller status`; exit code 1 when no controller is live. */
export async function status(context: CliContext, flags: ClusterFlags & { readonly output?: OutputFormat }): Promise<void> {
  const { cluster, namespace } = await openNamespace(context, flags);
  const { stdout, env } = context.process;
  try {
    const found = await controllerStatus(cluster, namespace, now());
    if (!found.isLive) context.process.exitCode = EXIT.no;
    if (flags.output) await writeStructured({ ...found, toolVersion: packageJson.version }, flags.output, stdout);
    else stdout.write(statusText(found, painter(stdout, env)));
  } finally {
    cluster.close();
  }
}

function statusText(found: ControllerStatus, paint: ReturnType<typeof painter>): string {
  const { installed, replicas, holder, holdsSince, isLive, fleets, definitions } = found;
  const since = holdsSince === undefined ? "" : `, since ${holdsSince.replace(/\.\d+Z$/, "Z")}`;
  const rows: [string, string][] = [
    ["controller", isLive ? paint("green", "live") : paint("red", "not live")],
    ["installed", installed ? `${controllerName(found.namespace)} in ${CONTROLLER_NAMESPACE}` : "no (frota controller install)"],
    ["image", found.image ?? "none"],
    ["replicas", `${replicas.ready} of ${replicas.wanted} ready`],
    ["lease", holder === undefined ? "nobody holds it" : `${holder}${since}, renewed ${age(found.renewedSecondsAgo)}`],
    ["fleet", fleets.join(", ") || `none in ${found.namespace}`],
    ["definitions", definitions.map(({ name, state }) => `${name} ${state}`).join(", ")],
    ["this tool", packageJson.version],
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)}${value}\n`).join("");
}

function age(seconds: number | undefined): string {
  return seconds === undefined ? "never" : `${formatDuration(Math.max(0, seconds) * 1000)} ago`;
}
