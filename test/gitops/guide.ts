import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "../../src/render/manifest.ts";
import { blocks, ROOT } from "../unit/documents.ts";

const GUIDE = "docs/guide/gitops.md";

/** The manifests of a section of the guide, word for word but for the repository's address. */
export function guideManifests(section: string, url: string): Manifest[] {
  const text = readFileSync(join(ROOT, GUIDE), "utf8").replaceAll("https://github.com/digitalsys-tecnologia/agents.git", url);
  const part = text.split(/^## /m).find((one) => one.startsWith(`${section}\n`));
  if (part === undefined) throw new Error(`${GUIDE} has no section ${section}`);
  return blocks({ path: GUIDE, text: part })
    .filter(({ language }) => language === "yaml")
    .flatMap((block) => parseAllDocuments(block.text).map((document): Manifest => document.toJS()));
}

/** The one manifest of a section with this kind and name. */
export function guideManifest(section: string, url: string, [kind, name]: readonly [kind: string, name: string]): Manifest {
  const found = guideManifests(section, url).find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`section ${section} has no ${kind} ${name}`);
  return found;
}
