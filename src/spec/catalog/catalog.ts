import { agents } from "./agents.ts";
import { cluster } from "./cluster.ts";
import { clusterDiagnoses } from "./cluster-diagnoses.ts";
import { commandLine } from "./command-line.ts";
import { controller } from "./controller.ts";
import { declarations } from "./declarations.ts";
import { diagnoses } from "./diagnoses.ts";
import type { CatalogSection, Explanation } from "./explanation.ts";
import { gateway } from "./gateway.ts";
import { images } from "./images.ts";
import { lab } from "./lab.ts";
import { repository } from "./repository.ts";
import { secretChain } from "./secret-chain.ts";
import { startGuard } from "./start-guard.ts";
import { vault } from "./vault.ts";

/** Every stable code, explained: docs/reference/errors.md and `frota explain` tell it. A test compares it with the codes in the source. */
export const CATALOG: readonly CatalogSection[] = [
  agents,
  diagnoses,
  clusterDiagnoses,
  startGuard,
  secretChain,
  vault,
  images,
  gateway,
  controller,
  cluster,
  repository,
  declarations,
  commandLine,
  lab,
];

/** A code with its explanation and the section that it is in. */
export interface ExplainedCode extends Explanation {
  readonly code: string;
  readonly section: Pick<CatalogSection, "title" | "about">;
}

/** All codes, section after section, each section's in alphabetical order. */
export function explainedCodes(): ExplainedCode[] {
  return CATALOG.flatMap(({ title, about, codes }) => {
    const entries = Object.entries(codes).sort(([one], [other]) => (one < other ? -1 : 1));
    return entries.map(([code, { cause, remedy }]) => ({ code, cause, remedy, section: { title, about } }));
  });
}
