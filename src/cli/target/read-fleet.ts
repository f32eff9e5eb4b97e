import { join, relative } from "node:path";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import { FrotaError } from "../../spec/error.ts";
import type { FleetSource } from "../../spec/repository.ts";

/** A valid fleet repository and the folder that it is in. */
export interface FleetRepository {
  readonly root: string;
  readonly source: FleetSource;
}

/**
 * Reads the fleet repository that a command works on. Throws REPOSITORY_INVALID, with the first finding and its place,
 * when files are not valid: `frota check` shows all findings.
 */
export async function readFleet(cwd: string, explicit?: string): Promise<FleetRepository> {
  const { findRepository } = await import("../../repository/find-repository.ts");
  const { readSources } = await import("../../repository/read-repository.ts");
  const { assembleFleet } = await import("../../spec/assemble.ts");
  const { checkOpenClaw } = await import("../../engine/repository/check-repository.ts");
  const root = await findRepository(cwd, explicit);
  const assembly = assembleFleet(await readSources(root));
  const { source } = assembly;
  const diagnostics = [...assembly.diagnostics, ...(await checkOpenClaw(assembly))];
  const errors = diagnostics.filter((found) => found.severity === "error");
  if (source && errors.length === 0) return { root, source };
  throw invalid(errors, (file) => relative(cwd, join(root, file)));
}

/** Places are told as seen from where the command was called, as `frota check` tells them. */
function invalid(errors: readonly Diagnostic[], shown: (file: string) => string): FrotaError {
  const [first] = errors;
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new FrotaError({
    code: "REPOSITORY_INVALID",
    message: `${first ? `${first.code}: ${first.message}` : "the fleet repository has no valid Fleet"}${others}`,
    ...(first ? { where: { file: shown(first.file), line: first.line, column: first.column } } : {}),
    next: first?.fix ?? "run `frota check` to see every finding",
    outcome: "refused",
  });
}
