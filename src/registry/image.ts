import { objectOf, RegistryClient, type RegistryManifest, type RegistryObject, type RegistryOptions } from "./client.ts";
import { parseReference } from "./reference.ts";

/** One platform that an image is built for. */
interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** Digest of this platform's own manifest. */
  readonly digest: string;
}

/** An image as the registry has it now. */
export interface ResolvedImage {
  /** As asked for. */
  readonly reference: string;
  /** What a pod that pulls it is told: digest of the index where there is one, else of the manifest. */
  readonly digest: string;
  readonly platforms: readonly ImagePlatform[];
  /** Labels of the image's configuration (of the first platform). */
  readonly labels: Readonly<Record<string, string>>;
  /** OpenClaw's version in it (label `dev.frota.openclaw.version`). */
  readonly openclawVersion?: string;
  /** Range of Node versions that this OpenClaw accepts. */
  readonly engines?: string;
  /** Node's version in it, without `v`. */
  readonly node?: string;
}

/** Labels that `agents/base/Dockerfile` writes. */
const IMAGE_LABELS = {
  openclawVersion: "dev.frota.openclaw.version",
  engines: "dev.frota.openclaw.engines",
  node: "dev.frota.node.version",
} as const;

/** Reads what a reference points to now. Throws what {@link RegistryClient} throws. */
export async function resolveImage(reference: string, options: RegistryOptions = {}): Promise<ResolvedImage> {
  const parsed = parseReference(reference);
  const client = new RegistryClient(parsed, options);
  const top = await client.manifest(parsed.digest ?? parsed.tag ?? "latest");
  const listed = platformsOf(top);
  const first = listed[0];
  const manifest = first === undefined ? top : await client.manifest(first.digest);
  const digest = objectOf(manifest.content["config"])["digest"];
  const configuration = typeof digest === "string" ? await client.jsonBlob(digest) : {};
  const labels = labelsOf(configuration);
  return {
    reference,
    digest: top.digest,
    platforms: listed.length > 0 ? listed : [platformOf(configuration, top.digest)],
    labels,
    ...knownLabels(labels),
  };
}

/** The digest that a reference points to now; cheaper than {@link resolveImage}. */
export async function resolveDigest(reference: string, options: RegistryOptions = {}): Promise<string> {
  const parsed = parseReference(reference);
  return new RegistryClient(parsed, options).digest(parsed.digest ?? parsed.tag ?? "latest");
}

/** Entries of an index; attestations, which name the platform `unknown`, are none. */
function platformsOf(manifest: RegistryManifest): ImagePlatform[] {
  const entries: readonly unknown[] = Array.isArray(manifest.content["manifests"]) ? manifest.content["manifests"] : [];
  return entries
    .map(objectOf)
    .map((entry) => platformOf(objectOf(entry["platform"]), String(entry["digest"])))
    .filter(({ os }) => os !== "unknown");
}

function platformOf(source: RegistryObject, digest: string): ImagePlatform {
  const { os, architecture, variant } = source;
  return {
    os: typeof os === "string" ? os : "linux",
    architecture: typeof architecture === "string" ? architecture : "unknown",
    ...(typeof variant === "string" && { variant }),
    digest,
  };
}

function labelsOf(configuration: RegistryObject): Readonly<Record<string, string>> {
  const labels = objectOf(objectOf(configuration["config"])["Labels"]);
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}

function knownLabels(labels: Readonly<Record<string, string>>): Pick<ResolvedImage, "openclawVersion" | "engines" | "node"> {
  const openclawVersion = labels[IMAGE_LABELS.openclawVersion];
  const engines = labels[IMAGE_LABELS.engines];
  const node = labels[IMAGE_LABELS.node]?.replace(/^v/, "");
  return {
    ...(openclawVersion !== undefined && { openclawVersion }),
    ...(engines !== undefined && { engines }),
    ...(node !== undefined && { node }),
  };
}
