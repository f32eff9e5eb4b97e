import { FrotaError } from "../spec/error.ts";

/** A parsed image reference, with the defaults of `docker pull` filled in. */
export interface ImageReference {
  /** Host and port, for example `registry.digitalocean.com` or `docker.io`. */
  readonly registry: string;
  /** For example `digitalsys/openclaw-agent` or `library/node`. */
  readonly repository: string;
  /** Undefined only when there is a digest. */
  readonly tag: string | undefined;
  /** `sha256:...`; it wins over the tag. */
  readonly digest: string | undefined;
}

const REFERENCE =
  /^(?<name>[^@:\s]+(?::\d+(?=\/)[^@:\s]*)?)(?::(?<tag>[A-Za-z0-9_][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

/** Parses `host/path:tag@sha256:...`. Throws IMAGE_REFERENCE_INVALID. */
export function parseReference(text: string): ImageReference {
  const groups = REFERENCE.exec(text)?.groups;
  const { registry, repository } = splitName(groups?.["name"] ?? "");
  if (groups === undefined || !REPOSITORY.test(repository)) {
    throw new FrotaError({
      code: "IMAGE_REFERENCE_INVALID",
      message: `not an image reference: ${text}`,
      next: "write it as registry.example.com/path/image:tag, or with @sha256:digest",
      outcome: "usage",
    });
  }
  const { tag, digest } = groups;
  return { registry, repository, digest, tag: tag ?? (digest === undefined ? "latest" : undefined) };
}

function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  if (isHost) return { registry: first, repository: name.slice(slash + 1) };
  return { registry: "docker.io", repository: slash === -1 ? `library/${name}` : name };
}

/** The reference as text, with its registry. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}
