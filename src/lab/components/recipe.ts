import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { FrotaError } from "../../spec/error.ts";
import { cacheFolder, cacheKey, fillCache } from "./cache.ts";
import type { AcquireContext, Component, ComponentName, Origin } from "./component.ts";
import { isReachable } from "./release.ts";

/** How to get one component: the ways, best first, that {@link follow} tries. */
export interface Recipe {
  readonly name: ComponentName;
  readonly version: string;
  /** Paths, in the component's folder, of its files. */
  readonly files: readonly string[];
  /** Looks for fitting programs that the machine has already; undefined unless all fit. */
  readonly installed?: () => Promise<Installed | undefined>;
  /** The project's own release; tried only where all `probes` answer. */
  readonly release?: Way & { readonly probes: readonly string[] };
  /** What works wherever packages can be had. */
  readonly local: Way & { readonly origin: "build" | "registry" };
}

/** Programs that were on the machine before. */
export interface Installed {
  readonly version: string;
  /** Absolute paths by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A way that fills an empty folder with the component's files. */
export interface Way {
  /** Changes when the result would; part of the cache folder's name. */
  readonly key: string;
  readonly make: (folder: string, context: AcquireContext) => Promise<void>;
}

/**
 * Gets a component the cheapest way that is open: what the machine has, what the cache has, the official release, then made
 * here. Throws a FrotaError that names the log when the last way fails.
 */
export async function follow(recipe: Recipe, context: AcquireContext): Promise<Component> {
  const installed = await recipe.installed?.();
  if (installed) return linkInstalled(recipe, installed, context);
  const { release, local } = recipe;
  for (const way of [release, local]) {
    if (way && existsSync(folderOf(recipe, way, context))) return describe(recipe, folderOf(recipe, way, context), "cache");
  }
  if (release && (await allReachable(release.probes, context))) {
    const component = await make(recipe, release, "download", context).catch(ignoreLostConnection);
    if (component) return component;
  }
  return make(recipe, local, local.origin, context);
}

async function make(recipe: Recipe, way: Way, origin: Origin, context: AcquireContext): Promise<Component> {
  const folder = folderOf(recipe, way, context);
  const made = await fillCache(folder, context, async (empty) => {
    await way.make(empty, context);
    const missing = recipe.files.find((file) => !existsSync(join(empty, file)));
    if (missing !== undefined) throw new Error(`${recipe.name} was made without its ${missing}`);
  });
  return describe(recipe, folder, made ? origin : "cache");
}

/** A connection that broke half way leaves the other way open; a wrong sum does not. */
function ignoreLostConnection(error: unknown): undefined {
  if (error instanceof FrotaError && error.code === "DOWNLOAD_FAILED") return undefined;
  throw error;
}

async function allReachable(urls: readonly string[], context: AcquireContext): Promise<boolean> {
  context.progress("looking for the official release");
  const answers = await Promise.all(urls.map((url) => isReachable(url, context.signal)));
  return answers.every(Boolean);
}

async function linkInstalled(
  recipe: Recipe,
  installed: Installed,
  context: AcquireContext,
): Promise<Component> {
  const folder = folderOf(recipe, { key: `links-${cacheKey(installed.files)}` }, context);
  await fillCache(folder, context, async (empty) => {
    for (const [name, path] of Object.entries(installed.files)) await symlink(path, join(empty, name));
  });
  return { ...describe(recipe, folder, "path"), version: installed.version };
}

function folderOf(recipe: Recipe, way: Pick<Way, "key">, context: AcquireContext): string {
  return cacheFolder(context.env, { name: recipe.name, version: recipe.version, key: way.key });
}

function describe(recipe: Recipe, folder: string, origin: Origin): Component {
  const files = Object.fromEntries(recipe.files.map((file) => [basename(file), join(folder, file)]));
  return { name: recipe.name, version: recipe.version, origin, folder, files };
}
