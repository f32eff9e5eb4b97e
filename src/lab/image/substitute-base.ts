import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FrotaError } from "../../spec/error.ts";
import { aptSources, mirrorOf, sourcesList } from "./apt-sources.ts";
import { failureReason } from "./build-output.ts";
import type { NodeImage } from "./node-line.ts";
import { asset, buildah, runPrivately, type ImageWorkshop } from "./workshop.ts";

/**
 * Debian packages beside the minimal system: what the agents' Dockerfile does not install itself and their tools use. Docker's
 * image also has compilers and development headers, which the substitute has not.
 */
const PACKAGES = ["ca-certificates", "gnupg", "netbase", "openssh-client", "procps", "unzip", "wget", "xz-utils"];
/** Counted up when the recipe in substitute-base.sh changes what it makes. */
const RECIPE = 1;

/** Short name for all that the substitute is made from, apart from which fixes Debian has published by then. */
export function substituteKey(image: NodeImage): string {
  const { line, release } = image;
  const recipe = JSON.stringify([RECIPE, PACKAGES, release, line.node, line.npm, process.arch]);
  return createHash("sha256").update(recipe).digest("hex").slice(0, 12);
}

/**
 * Makes sure that a stand-in for one of Docker's `node` images is in the workshop's storage, and resolves to its name. The
 * machine's own apt sources and npm registry serve what it is made from. Throws BASE_IMAGE_FAILED.
 */
export async function substituteBase(workshop: ImageWorkshop, image: NodeImage): Promise<string> {
  const { line, release } = image;
  const key = substituteKey(image);
  const tag = `localhost/frota/node:${line.node.split(".")[0]}-${release}-${key}`;
  const command = await buildah(workshop);
  const there = await runPrivately(workshop, [...command, "inspect", "--type", "image", "--format", "{{.FromImageID}}", tag]);
  if (!there.failed) return tag;

  const sources = aptSources(await aptTexts(), release);
  const sourcesFile = join(workshop.folder, "work", "sources.list");
  await writeFile(sourcesFile, sourcesList(sources));
  const debs = join(workshop.folder, "debs");
  await mkdir(debs, { recursive: true });
  const env = {
    BUILDAH: command.join(" "),
    SUITE: release,
    MIRROR: mirrorOf(sources, release) ?? "",
    INCLUDE: PACKAGES.join(","),
    DEBS: debs,
    SOURCES: sources.length > 0 ? sourcesFile : "",
    NODE: await npmPackage(workshop, image, `node-linux-${process.arch}@${line.node}`),
    NPM: await npmPackage(workshop, image, `npm@${line.npm}`),
    NODE_VERSION: line.node,
    KEY: key,
    TAG: tag,
  };
  let count = 0;
  const result = await runPrivately(workshop, ["sh", asset("substitute-base.sh")], {
    env,
    onLine: (text) => {
      const [, verb] = /^I: (Retrieving|Unpacking|Configuring) \S/.exec(text) ?? [];
      if (verb !== undefined) workshop.progress(`substitute for the base image: ${verb.toLowerCase()} packages, ${(count += 1)} done`);
    },
  });
  if (result.failed) throw failure(workshop, failureReason(result.lines));
  return tag;
}

async function aptTexts(): Promise<string[]> {
  const folder = "/etc/apt/sources.list.d";
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name)).sort();
  const files = ["/etc/apt/sources.list", ...names.map((name) => join(folder, name))];
  return Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
}

/** Downloads a package with npm, checks its sum, unpacks it, and resolves to the folder. */
async function npmPackage(workshop: ImageWorkshop, image: NodeImage, name: string): Promise<string> {
  const expected = image.line.integrity[name];
  if (expected === undefined) throw failure(workshop, `no ${name} is pinned; this processor architecture has no substitute`);
  const downloads = join(workshop.folder, "npm");
  await mkdir(downloads, { recursive: true });
  const archive = join(downloads, `${name.replace("@", "-")}.tgz`);
  if ((await integrity(archive)) !== expected) {
    workshop.progress(`substitute for the base image: downloading ${name}`);
    const download = await runPrivately(workshop, ["npm", "pack", "--silent", "--pack-destination", downloads, name]);
    if (download.failed) throw failure(workshop, failureReason(download.lines));
    if ((await integrity(archive)) !== expected) throw failure(workshop, `${name} is not what was expected: its sum differs`);
  }
  const folder = join(workshop.folder, "work", name);
  await mkdir(folder, { recursive: true });
  const unpack = await runPrivately(workshop, ["tar", "-xzf", archive, "-C", folder, "--strip-components=1", "--no-same-owner"]);
  if (unpack.failed) throw failure(workshop, failureReason(unpack.lines));
  return folder;
}

async function integrity(file: string): Promise<string | undefined> {
  const content = await readFile(file).catch(() => undefined);
  return content && `sha512-${createHash("sha512").update(content).digest("base64")}`;
}

function failure(workshop: ImageWorkshop, reason: string): FrotaError {
  return new FrotaError({
    code: "BASE_IMAGE_FAILED",
    message: `making the substitute for the base image failed: ${reason}`,
    where: { file: workshop.logFile },
    next: "read the log, then run the same command again: downloads are kept",
  });
}
