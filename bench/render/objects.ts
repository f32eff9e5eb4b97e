import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { isPlainMap } from "../../src/spec/plain-data.ts";
import { textAt } from "../../src/spec/plain-field.ts";

/** A hash by kind and name of an object; the same for the same object, however it was written. */
export type Objects = ReadonlyMap<string, string>;

/** The objects of a stream of YAML, document by document: that of 1,000 agents has 50 MB. */
export function objectsOf(text: string): Objects {
  const objects = new Map<string, string>();
  for (const document of text.split(/^---$/m)) {
    const object: unknown = /^[^#\s]/m.test(document) ? load(document) : undefined;
    if (!isPlainMap(object)) continue;
    const id = `${textAt(object, "kind")}/${textAt(object, "metadata", "name")}`;
    if (objects.has(id)) throw new Error(`${id} is there twice`);
    objects.set(id, createHash("sha256").update(JSON.stringify(sorted(object))).digest("hex"));
  }
  return objects;
}

/** The objects that `frota render` wrote for these agents. */
export async function renderedObjects(root: string, names: readonly string[]): Promise<Objects> {
  const texts = await Promise.all(names.map((name) => renderedTexts(root, name)));
  return objectsOf(texts.flat().join("---\n"));
}

/** The rendered files of one agent. */
export async function renderedTexts(root: string, name: string): Promise<string[]> {
  const folder = join(root, name, "k8s");
  const files = (await readdir(folder)).sort();
  return Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
}

/** How two sets of objects differ, in words; empty when they are the same. */
export function differences(one: Objects, other: Objects): string[] {
  const missing = [...one.keys()].filter((id) => !other.has(id)).map((id) => `${id} is missing`);
  const more = [...other.keys()].filter((id) => !one.has(id)).map((id) => `${id} is one too many`);
  const changed = [...one].filter(([id, text]) => other.has(id) && other.get(id) !== text).map(([id]) => `${id} is another`);
  return [...missing, ...more, ...changed];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
