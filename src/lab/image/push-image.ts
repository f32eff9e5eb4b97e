import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RegistryOptions } from "../../registry/client.ts";
import { parseReference } from "../../registry/reference.ts";
import { FrotaError } from "../../spec/error.ts";
import { failureReason } from "./build-output.ts";
import { authFile, buildah, runPrivately, type ImageWorkshop } from "./workshop.ts";

/** Where an image is pushed. */
export interface PushTarget {
  /** By its production name, without a tag. */
  readonly repository: string;
  readonly tags: readonly string[];
  readonly registry: RegistryOptions;
}

/** Host, path and transport security of a repository as it is really served. */
export interface PushDestination {
  /** For example `10.213.0.2:5000/digitalsys/openclaw-agent`. */
  readonly name: string;
  readonly host: string;
  readonly tls: boolean;
}

/** Where a repository is served: by a mirror if its host has one; on loopback without transport security. */
export function pushDestination(repository: string, mirrors: RegistryOptions["mirrors"]): PushDestination {
  const { registry, repository: path } = parseReference(repository);
  const mirror = mirrors?.[registry];
  if (mirror === undefined) {
    return { name: `${registry}/${path}`, host: registry, tls: !/^(localhost|127\.0\.0\.1)(:|$)/.test(registry) };
  }
  const url = new URL(mirror);
  return { name: `${url.host}${url.pathname.replace(/\/+$/, "")}/${path}`, host: url.host, tls: url.protocol === "https:" };
}

/** Pushes an image of the workshop's storage under every tag and resolves to its digest. Throws IMAGE_PUSH_FAILED. */
export async function pushImage(workshop: ImageWorkshop, target: PushTarget, image: string): Promise<string> {
  const destination = pushDestination(target.repository, target.registry.mirrors);
  const auth = await authentication(target, destination);
  const digestFile = join(workshop.folder, "work", "digest");
  for (const tag of target.tags) {
    workshop.progress(`pushing ${target.repository}:${tag}`);
    const result = await runPrivately(
      workshop,
      [
        ...(await buildah(workshop)),
        "push",
        "--quiet",
        "--format=oci",
        // A seventh smaller than gzip, and quicker to unpack on the node.
        "--compression-format=zstd",
        `--authfile=${authFile(workshop)}`,
        `--digestfile=${digestFile}`,
        `--tls-verify=${destination.tls}`,
        image,
        `docker://${destination.name}:${tag}`,
      ],
      { auth },
    );
    if (result.failed) throw failure(workshop, `${target.repository}:${tag}`, failureReason(result.lines));
  }
  return (await readFile(digestFile, "utf8")).trim();
}

async function authentication(target: PushTarget, { host }: PushDestination): Promise<string> {
  const { registry } = parseReference(target.repository);
  const credentials = await target.registry.credentials?.(registry);
  if (!credentials) return "{}";
  const { username, password } = credentials;
  return JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } } });
}

function failure(workshop: ImageWorkshop, reference: string, reason: string): FrotaError {
  return new FrotaError({
    code: "IMAGE_PUSH_FAILED",
    message: `pushing ${reference} failed: ${reason}`,
    where: { file: workshop.logFile },
    next: "check the registry and its credentials, then run the same command again: the image is built",
  });
}
