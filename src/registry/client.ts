import { createHash } from "node:crypto";
import { FrotaError } from "../spec/error.ts";
import type { CredentialSource, RegistryCredentials } from "./credentials.ts";
import { formatReference, type ImageReference } from "./reference.ts";

/** How to reach registries. */
export interface RegistryOptions {
  /** Base URL by registry host, where it is served from somewhere else (the lab). */
  readonly mirrors?: Readonly<Record<string, string>>;
  /** Anonymous when absent. */
  readonly credentials?: CredentialSource;
  readonly signal?: AbortSignal;
}

/** A manifest or an index, as the registry serves it. */
export interface RegistryManifest {
  /** Digest of exactly these bytes. */
  readonly digest: string;
  readonly content: RegistryObject;
}

export type RegistryObject = Readonly<Record<string, unknown>>;

const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const TIMEOUT_MS = 30_000;

/** Reads one repository of one registry: anonymous, with a password, or with the token that the registry's challenge offers. */
export class RegistryClient {
  readonly #reference: ImageReference;
  readonly #options: RegistryOptions;
  readonly #base: string;
  #authorization: string | undefined;

  constructor(reference: ImageReference, options: RegistryOptions = {}) {
    this.#reference = reference;
    this.#options = options;
    const host = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
    const plain = /^(localhost|127\.0\.0\.1)(:|$)/.test(host);
    const base = options.mirrors?.[reference.registry] ?? `${plain ? "http" : "https"}://${host}`;
    this.#base = `${base.replace(/\/+$/, "")}/v2/${reference.repository}`;
  }

  /**
   * The manifest or index of a tag or digest, its bytes checked against the digest asked for.
   * Throws IMAGE_NOT_FOUND, REGISTRY_UNAUTHORIZED, REGISTRY_UNREACHABLE, REGISTRY_FAILED, IMAGE_DIGEST_MISMATCH.
   */
  async manifest(version: string): Promise<RegistryManifest> {
    const response = await this.#get(`manifests/${version}`, MANIFEST_TYPES.join(", "));
    const bytes = Buffer.from(await response.arrayBuffer());
    const digest = this.#verified(bytes, version);
    const content = parse(bytes);
    return { digest, content };
  }

  /** The digest that a tag points to now, without reading the manifest where the registry tells it in a header. */
  async digest(version: string): Promise<string> {
    const response = await this.#request("HEAD", `manifests/${version}`, MANIFEST_TYPES.join(", "));
    const header = response.ok ? response.headers.get("docker-content-digest") : null;
    return header ?? (await this.manifest(version)).digest;
  }

  /** A JSON blob such as an image's configuration. */
  async jsonBlob(digest: string): Promise<RegistryObject> {
    const response = await this.#get(`blobs/${digest}`, "*/*");
    const bytes = Buffer.from(await response.arrayBuffer());
    this.#verified(bytes, digest);
    return parse(bytes);
  }

  async #get(path: string, accept: string): Promise<Response> {
    const response = await this.#request("GET", path, accept);
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#failure(response.status);
  }

  async #request(method: "GET" | "HEAD", path: string, accept: string): Promise<Response> {
    const url = `${this.#base}/${path}`;
    const response = await this.#fetch(method, url, accept, this.#authorization);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    this.#authorization = await this.#answerChallenge(response.headers.get("www-authenticate") ?? "");
    if (this.#authorization === undefined) return response;
    return this.#fetch(method, url, accept, this.#authorization);
  }

  /** `fetch` drops the Authorization header when a redirect leads to another host, as registries rely on for blobs. */
  async #fetch(method: string, url: string, accept: string, authorization?: string): Promise<Response> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      return await fetch(url, {
        method,
        headers: { Accept: accept, ...(authorization !== undefined && { Authorization: authorization }) },
        signal: this.#options.signal ? AbortSignal.any([this.#options.signal, timeout]) : timeout,
      });
    } catch (cause) {
      this.#options.signal?.throwIfAborted();
      throw unreachable(this.#reference, cause);
    }
  }

  async #answerChallenge(challenge: string): Promise<string | undefined> {
    const credentials = await this.#options.credentials?.(this.#reference.registry);
    const basic = credentials && basicAuthorization(credentials);
    if (!/^bearer /i.test(challenge)) return basic;
    const url = tokenUrl(challenge, this.#reference.repository);
    if (url === undefined) return undefined;
    const response = await this.#fetch("GET", url, "application/json", basic);
    if (!response.ok) return undefined;
    const answer = parse(Buffer.from(await response.arrayBuffer()));
    const token = answer["token"] ?? answer["access_token"];
    return typeof token === "string" ? `Bearer ${token}` : undefined;
  }

  #verified(bytes: Buffer, version: string): string {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (!version.startsWith("sha256:") || version === digest) return digest;
    throw new FrotaError({
      code: "IMAGE_DIGEST_MISMATCH",
      message: `the registry sent other content (${digest}) than was asked for (${version}).`,
      where: whereOf(this.#reference),
      next: "do not run this image; check the registry and what lies between it and this machine",
    });
  }

  #failure(status: number): FrotaError {
    const where = whereOf(this.#reference);
    if (status === 404) {
      return new FrotaError({
        code: "IMAGE_NOT_FOUND",
        message: `the registry has no such image: ${formatReference(this.#reference)}`,
        where,
        next: "check the name and tag, or build and push it with `frota image build`",
      });
    }
    if (status === 401 || status === 403) {
      return new FrotaError({
        code: "REGISTRY_UNAUTHORIZED",
        message: `${this.#reference.registry} does not let these credentials (or nobody without any) read ${this.#reference.repository}.`,
        where,
        next: `run \`docker login ${this.#reference.registry}\`, or check the fleet's pull secret`,
      });
    }
    return new FrotaError({
      code: "REGISTRY_FAILED",
      message: `${this.#reference.registry} answered ${status}.`,
      where,
      next: "try again; if it stays, look at the registry's own status",
    });
  }
}

function basicAuthorization({ username, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Where a Bearer challenge says that tokens are to be had. */
function tokenUrl(challenge: string, repository: string): string | undefined {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1], match[2]]));
  const realm = fields.get("realm") ?? "";
  if (!URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  const service = fields.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", fields.get("scope") ?? `repository:${repository}:pull`);
  return url.href;
}

function whereOf(reference: ImageReference): { kind: string; name: string } {
  return { kind: "Image", name: formatReference(reference) };
}

function unreachable(reference: ImageReference, cause: unknown): FrotaError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && "code" in inner ? String(inner.code) : String(inner);
  return new FrotaError(
    {
      code: "REGISTRY_UNREACHABLE",
      message: `${reference.registry} does not answer (${code}).`,
      where: whereOf(reference),
      next: "check the network between this machine and the registry",
    },
    { cause },
  );
}

function parse(bytes: Buffer): RegistryObject {
  try {
    return objectOf(JSON.parse(bytes.toString("utf8")));
  } catch {
    return {};
  }
}

/** A JSON object, or an empty one for anything else. */
export function objectOf(value: unknown): RegistryObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is RegistryObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
