import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import packageJson from "../../../package.json" with { type: "json" };
import type { RegistryOptions } from "../../registry/client.ts";
import { FrotaError } from "../../spec/error.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { withBuildContext, type ImageFile } from "./build-context.ts";
import { buildImage, type BuiltImage } from "./build-image.ts";
import type { ImageWorkshop } from "./workshop.ts";

/** Where the controller's image goes. */
export interface ControllerImageBuild {
  /** Without a tag: `registry.digitalocean.com/digitalsys/frota-controller`. The tag is the tool's version. */
  readonly repository: string;
  readonly registry: RegistryOptions;
}

const ENTRY = "frota.js";

/**
 * Builds the controller's image from what this machine runs `frota` with, and pushes it, unless the registry has what would come of
 * it. The same as controller/Dockerfile makes, but for where Node and its libraries are from.
 * Throws CONTROLLER_IMAGE_INCOMPLETE and what {@link buildImage} throws.
 */
export async function buildControllerImage(workshop: ImageWorkshop, { repository, registry }: ControllerImageBuild): Promise<BuiltImage> {
  const { version } = packageJson;
  const place = { folder: join(workshop.folder, "controller"), progress: (text: string) => workshop.progress(text) };
  const source = { dockerfile: join(PACKAGE_ROOT, "controller", "lab.Dockerfile"), files: [...(await nodeFiles()), ...(await packageFiles())] };
  return withBuildContext(place, source, (folder) => buildImage(workshop, { folder, repository, tags: [version], registry, arguments: { VERSION: version } }));
}

/** Node as it runs now, and the libraries that the dynamic loader would give it. */
async function nodeFiles(): Promise<ImageFile[]> {
  const node = process.execPath;
  const { stdout, failed } = await execa("ldd", [node], { reject: false });
  const libraries = failed ? [] : [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  if (libraries.length === 0) throw incomplete(`the libraries of ${node} could not be told (ldd)`);
  const sources = await Promise.all(libraries.map((path) => realpath(path)));
  return [
    { source: node, target: "/nodejs/bin/node", executable: true },
    ...libraries.map((target, index) => ({ source: sources[index] ?? target, target, executable: true })),
  ];
}

/** The bundle with all that it loads, the schemas, and what starts it. */
async function packageFiles(): Promise<ImageFile[]> {
  const schemas = await readdir(join(PACKAGE_ROOT, "schemas"), { recursive: true, withFileTypes: true });
  return [
    packageFile("package.json"),
    packageFile("controller/frota", "bin/frota"),
    ...(await bundleFiles()).map((name) => packageFile(`dist/${name}`)),
    ...schemas.filter((entry) => entry.isFile()).map((entry) => packageFile(join(entry.parentPath, entry.name).slice(PACKAGE_ROOT.length + 1))),
  ];
}

function packageFile(path: string, target = path): ImageFile {
  return { source: join(PACKAGE_ROOT, path), target: `/opt/frota/${target}`, executable: target.startsWith("bin/") };
}

/** Chunks that the entry point leads to: the folder of a checkout also holds those of builds before. */
async function bundleFiles(): Promise<string[]> {
  const found = new Set([ENTRY]);
  for (const name of found) {
    const text = await readFile(join(PACKAGE_ROOT, "dist", name), "utf8").catch(() => {
      throw incomplete(`dist/${name} is not there`);
    });
    for (const [, chunk = ""] of text.matchAll(/["']\.\/([\w.-]+\.js)["']/g)) found.add(chunk);
  }
  return [...found].sort();
}

function incomplete(why: string): FrotaError {
  return new FrotaError({
    code: "CONTROLLER_IMAGE_INCOMPLETE",
    message: `the controller's image cannot be made: ${why}`,
    next: "install frota again (in a checkout: `node scripts/build.ts`)",
  });
}
