import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { tarArchive } from "../../../src/lab/image/tar.ts";
import { kubectl, recordOf } from "../lab.ts";

/** Repository of the agents' image in the lab's registry. */
const REPOSITORY = "digitalsys/openclaw-agent";

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** How a made-up image differs from the good one. */
export type Alteration =
  /** The same with another label: another digest, as good as before. */
  | "good"
  /** Its gateway exits at once. */
  | "exits"
  /** Its gateway runs and never serves. */
  | "never-ready"
  /** Its gateway serves, and ends a while after it was ready. */
  | "dies-later";

/** Seconds that a gateway of `dies-later` lives after it was first ready: less than the bake. */
const LIFE = 8;

/** Asks its own gateway until that is ready, and ends it a while later. */
const DIES_LATER = `const asking = setInterval(async () => {
  const answer = await fetch("http://127.0.0.1:18789/readyz").catch(() => undefined);
  if (!answer?.ok) return;
  clearInterval(asking);
  setTimeout(() => process.exit(1), ${LIFE * 1000});
}, 500);
await import("./openclaw-original.mjs");
`;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface ImageConfiguration {
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly object[];
}

/** Digest that the tag means in the lab's registry. */
export async function digestOfTag(tag = "latest"): Promise<string> {
  const answer = await registry("HEAD", `manifests/${tag}`);
  return answer.headers.get("docker-content-digest") ?? "";
}

/** Makes the tag mean an image that the registry has. */
export async function retag(digest: string, tag = "latest"): Promise<void> {
  const manifest = await (await registry("GET", `manifests/${digest}`)).text();
  const type = (JSON.parse(manifest) as ImageManifest).mediaType ?? OCI_MANIFEST;
  await registry("PUT", `manifests/${tag}`, { body: manifest, type });
}

/** Pushes an image like the one of this digest but for the alteration, as the tag `latest`; returns its digest. */
export async function pushAltered(from: string, alteration: Alteration, name: string): Promise<string> {
  const manifest = (await (await registry("GET", `manifests/${from}`)).json()) as ImageManifest;
  const configuration = (await (await registry("GET", `blobs/${manifest.config.digest}`)).json()) as ImageConfiguration;
  const layer = alteration === "good" ? undefined : await gatewayLayer(alteration);
  const changed = {
    ...configuration,
    config: { ...configuration.config, Labels: { ...configuration.config?.Labels, "test.alteration": name } },
    rootfs: { type: "layers", diff_ids: [...configuration.rootfs.diff_ids, ...(layer ? [digestOf(layer)] : [])] },
    ...(configuration.history ? { history: [...configuration.history, ...(layer ? [{ created_by: name }] : [])] } : {}),
  };
  const layerType = manifest.mediaType?.includes("docker") === true ? "application/vnd.docker.image.rootfs.diff.tar" : "application/vnd.oci.image.layer.v1.tar";
  const layers = [...manifest.layers, ...(layer ? [await push(layer, layerType)] : [])];
  const config = await push(Buffer.from(JSON.stringify(changed)), manifest.config.mediaType);
  const body = JSON.stringify({ ...manifest, config, layers });
  await registry("PUT", "manifests/latest", { body, type: manifest.mediaType ?? OCI_MANIFEST });
  return digestOf(Buffer.from(body));
}

const inAgent = (script: string) => kubectl("exec", "deployment/clovis", "--", "sh", "-c", script);

/** A layer that puts another program in the place of OpenClaw's. */
async function gatewayLayer(alteration: Exclude<Alteration, "good">): Promise<Buffer> {
  const program = (await inAgent('readlink -f "$(command -v openclaw)"')).trim();
  const folder = program.slice(1, program.lastIndexOf("/"));
  const original = alteration === "dies-later" ? await inAgent(`cat ${program}`) : "";
  const text = {
    exits: 'console.error("this image was made to fail");\nprocess.exit(1);\n',
    "never-ready": "setInterval(() => undefined, 1_000_000);\n",
    "dies-later": DIES_LATER,
  }[alteration];
  return tarArchive([
    { path: program.slice(1), content: Buffer.from(`#!/usr/bin/env node\n${text}`), mode: 0o755 },
    ...(original === "" ? [] : [{ path: `${folder}/openclaw-original.mjs`, content: Buffer.from(original), mode: 0o755 }]),
  ]);
}

async function push(blob: Buffer, mediaType: string): Promise<Descriptor> {
  const digest = digestOf(blob);
  const begun = await registry("POST", "blobs/uploads/");
  const place = new URL(begun.headers.get("location") ?? "", begun.url);
  place.searchParams.set("digest", digest);
  await send("PUT", place, { body: blob, type: "application/octet-stream" });
  return { mediaType, digest, size: blob.byteLength };
}

interface Body {
  readonly body: string | Buffer;
  readonly type: string;
}

async function registry(method: string, path: string, body?: Body): Promise<Response> {
  const { address } = (await recordOf()).registry;
  return send(method, new URL(`${address}/v2/${REPOSITORY}/${path}`), body);
}

async function send(method: string, url: URL, body?: Body): Promise<Response> {
  const { username, passwordFile } = (await recordOf()).registry;
  const password = (await readFile(passwordFile, "utf8")).trim();
  const accept = [OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json"].join(", ");
  const headers = { accept, authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`, ...(body && { "content-type": body.type }) };
  const answer = await fetch(url, { method, headers, ...(body && { body: body.body }) });
  if (!answer.ok) throw new Error(`${method} ${url.pathname}: ${answer.status} ${await answer.text()}`);
  return answer;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
