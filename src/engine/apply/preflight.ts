import type { PlannedObject, Refusal } from "../../plan/change-set.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { mapsAt, textAt } from "../../spec/plain-field.ts";
import { CONTAINER, VERSION_ANNOTATION } from "../observe/agent-facts.ts";
import { concurrently } from "../concurrently.ts";
import type { DeclaredAgent } from "./declared-fleet.ts";
import type { ImageFacts, ImageReader, SecretKeysReader } from "../ports.ts";
import { compareVersions } from "../../render/start-guard/version.mjs";

/** The outside systems that can be asked before anything is written; what is absent is not asked. */
export interface PreflightReaders {
  readonly images?: ImageReader | undefined;
  readonly secrets?: SecretKeysReader | undefined;
}

/** An image by the reference that Deployments name; undefined where the registry has none. */
export type ImagesByReference = ReadonlyMap<string, ImageFacts | undefined>;

/** What was asked about the agents that would start, and why they may not. */
export interface Preflight {
  readonly images: ImagesByReference;
  readonly refusals: readonly Refusal[];
  /** What could not be asked, in words. */
  readonly warnings: readonly string[];
}

/** Reads images and secret keys of the agents; refuses what could never start, or would harm the agent's state. */
export async function preflight(
  agents: readonly DeclaredAgent[],
  objects: readonly PlannedObject[],
  readers: PreflightReaders,
): Promise<Preflight> {
  const references = [...new Set(agents.map((agent) => imageOf(agent.objects)).filter((name) => name !== undefined))];
  const [images, keys] = await Promise.all([
    readAll(references, (reference) => readers.images?.read(reference)),
    readAll(agents.map((agent) => agent.secretPath), (path) => readers.secrets?.keys(path)),
  ]);
  const recorded = recordedVersions(objects);
  const refusals = agents.flatMap((agent) => [
    ...imageRefusals(agent, images.found, recorded.get(agent.name)),
    ...secretRefusals(agent, keys.found),
  ]);
  return { images: images.found, refusals, warnings: [...images.warnings, ...keys.warnings] };
}

interface Readings<Found> {
  /** Only what could be asked; undefined where there is nothing. */
  readonly found: ReadonlyMap<string, Found | undefined>;
  readonly warnings: readonly string[];
}

/** What cannot be asked (no way to the registry, no token) is a warning: the cluster may well have it. */
async function readAll<Found>(
  names: readonly string[],
  read: (name: string) => Promise<Found | undefined> | undefined,
): Promise<Readings<Found>> {
  const found = new Map<string, Found | undefined>();
  const warnings = new Set<string>();
  await concurrently(names, 8, async (name) => {
    try {
      const reading = read(name);
      if (reading) found.set(name, await reading);
    } catch (error) {
      if (!(error instanceof FrotaError) || error.outcome === "refused") throw error;
      warnings.add(`not checked beforehand: ${error.message}${error.next === undefined ? "" : ` (${error.next})`}`);
    }
  });
  return { found, warnings: [...warnings] };
}

/** The image that the agent's Deployment names. */
export function imageOf(objects: readonly Manifest[]): string | undefined {
  const deployment = objects.find((object) => object.kind === "Deployment");
  const container = mapsAt(deployment, "spec", "template", "spec", "containers").find((entry) => entry["name"] === CONTAINER);
  return textAt(container, "image");
}

/** The OpenClaw version that last ran on each agent's state, as its volume claim says. */
function recordedVersions(objects: readonly PlannedObject[]): ReadonlyMap<string | undefined, string | undefined> {
  const claims = objects.filter(({ desired }) => desired.kind === "PersistentVolumeClaim");
  return new Map(claims.map(({ agent, live }) => [agent, live?.metadata.annotations?.[VERSION_ANNOTATION]]));
}

function imageRefusals(agent: DeclaredAgent, images: ImagesByReference, recorded: string | undefined): Refusal[] {
  const reference = imageOf(agent.objects);
  if (reference === undefined || !images.has(reference)) return [];
  const facts = images.get(reference);
  if (!facts) {
    return [
      {
        code: "IMAGE_NOT_FOUND",
        message: `the registry has no image ${reference}`,
        agent: agent.name,
        next: "build and push it with `frota image build`, or name one that exists in the agent's or the fleet's image",
      },
    ];
  }
  if (facts.problem !== undefined) {
    const next = "build the image with an OpenClaw that its Node satisfies, or another Node";
    return [{ code: "IMAGE_ENGINE", message: `${reference} cannot start: ${facts.problem}`, agent: agent.name, next }];
  }
  return downgrade(agent, facts, recorded);
}

function downgrade(agent: DeclaredAgent, facts: ImageFacts, recorded: string | undefined): Refusal[] {
  const version = facts.openclawVersion;
  if (recorded === undefined || version === undefined || compareVersions(version, recorded) >= 0) return [];
  return [
    {
      code: "OPENCLAW_DOWNGRADE",
      message: `OpenClaw ${recorded} has run on ${agent.name}'s state, and ${version} cannot read what it wrote`,
      agent: agent.name,
      next: `use an image with OpenClaw ${recorded} or newer for this agent (spec.image.tag or spec.image.digest)`,
    },
  ];
}

function secretRefusals(agent: DeclaredAgent, found: ReadonlyMap<string, readonly string[] | undefined>): Refusal[] {
  if (!found.has(agent.secretPath)) return [];
  const keys = found.get(agent.secretPath);
  const missing = agent.requiredSecrets.filter((key) => !keys?.includes(key));
  if (missing.length === 0) return [];
  return [
    {
      code: "SECRET_KEYS_MISSING",
      message: `Vault has no ${missing.join(", ")} for ${agent.name} at ${agent.secretPath}`,
      agent: agent.name,
      next: missing.map((key) => `frota secrets set ${agent.name} ${key}`).join("; "),
    },
  ];
}
