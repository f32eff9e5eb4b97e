import { isGenerated } from "../../render/repository.ts";
import type { FleetSource, RepositoryFiles } from "../../spec/repository.ts";
import { checkRendered } from "./check-rendered.ts";

/**
 * Says in words that the rendered files are not what their source renders to, for who applies the source: undefined where they are, and in a
 * repository that keeps none. `shown` says a file's path as its reader sees it. Pure.
 */
export function renderedWarning(source: FleetSource, files: RepositoryFiles, shown: (file: string) => string): string | undefined {
  if (![...files.values()].some(isGenerated)) return undefined;
  const [first, ...others] = checkRendered(source, files);
  if (!first) return undefined;
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  return `what is applied is not what the rendered files say: ${shown(first.file)}${rest}; ${first.fix ?? "run `frota render`"}`;
}
