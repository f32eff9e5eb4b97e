import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { tarArchive, type TarFile } from "./tar.ts";

/** What {@link writePauseImage} makes an archive of. */
export interface PauseImage {
  /** A statically linked program that waits for SIGTERM and reaps its children. */
  readonly binary: string;
  /** The name that the image gets when imported, with host and tag: `localhost/frota/pause:1`. */
  readonly reference: string;
  /** The archive to write; it appears at once, whole. */
  readonly file: string;
}

/** Writes the sandbox image as an archive for `ctr images import`. The same program gives the same bytes. */
export async function writePauseImage({ binary, reference, file }: PauseImage): Promise<void> {
  const archive = pauseArchive(await readFile(binary), reference, ociArchitecture(process.arch));
  await writeFile(`${file}.unfinished`, archive);
  await rename(`${file}.unfinished`, file);
}

/** Node's name of a processor architecture as OCI images name it. */
export function ociArchitecture(arch: string): string {
  return arch === "x64" ? "amd64" : arch;
}

/** An OCI image layout in a tar archive: one layer with the program as `/pause`, which is the entry point. */
export function pauseArchive(program: Uint8Array, reference: string, architecture: string): Buffer {
  const layer = tarArchive([{ path: "pause", content: program, mode: 0o755 }]);
  const configuration = json({
    architecture,
    os: "linux",
    config: { Entrypoint: ["/pause"] },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("application/vnd.oci.image.config.v1+json", configuration),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest),
        platform: { architecture, os: "linux" },
        annotations: { "io.containerd.image.name": reference, "org.opencontainers.image.ref.name": tagOf(reference) },
      },
    ],
  });
  return tarArchive([
    layoutFile("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
    layoutFile("index.json", index),
    ...[manifest, configuration, layer].map((blob) => layoutFile(`blobs/${digestOf(blob).replace(":", "/")}`, blob)),
  ]);
}

function layoutFile(path: string, content: Uint8Array): TarFile {
  return { path, content, mode: 0o644 };
}

function tagOf(reference: string): string {
  return reference.slice(reference.lastIndexOf(":") + 1);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function descriptor(mediaType: string, blob: Buffer): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(blob), size: blob.byteLength };
}

function digestOf(blob: Uint8Array): string {
  return `sha256:${createHash("sha256").update(blob).digest("hex")}`;
}
