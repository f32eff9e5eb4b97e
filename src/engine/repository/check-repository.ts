import { inspectRepository } from "../../repository/read-repository.ts";
import type { SkippedFile } from "../../repository/read-repository.ts";
import { assembleFleet, sortDiagnostics } from "../../spec/assemble.ts";
import type { Assembly } from "../../spec/assemble.ts";
import type { Diagnostic } from "../../spec/diagnostic.ts";
import type { FleetSource, RepositoryFiles } from "../../spec/repository.ts";

/** What a check of a whole repository found. */
export interface RepositoryCheck {
  readonly source?: FleetSource;
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many files were read. */
  readonly files: number;
}

/**
 * Checks everything about a fleet repository that needs no cluster: the files' shape, rules across files, OpenClaw
 * configuration against OpenClaw's own schema, credentials, and that rendered files are current.
 */
export async function checkRepository(root: string): Promise<RepositoryCheck> {
  const { files, skipped } = await inspectRepository(root);
  const assembly = assembleFleet(files);
  const isValid = !assembly.diagnostics.some((found) => found.severity === "error");
  const [openclaw, credentials, rendered] = await Promise.all([
    checkOpenClaw(assembly),
    checkCredentials(files),
    isValid && assembly.source ? checkRenderedFiles(assembly.source, files) : [],
  ]);
  // `frota render` refuses what has errors, so that it cannot be the next step.
  const isRenderable = !openclaw.some((finding) => finding.severity === "error");
  const found = [openclaw, credentials, isRenderable ? rendered : []];
  const diagnostics = sortDiagnostics([...withoutRepeats(assembly.diagnostics, found.flat()), ...skipped.flatMap(describeSkipped)]);
  return { ...(assembly.source ? { source: assembly.source } : {}), diagnostics, files: files.size };
}

/** A credential that a rule has already told in its own words is not told again as one in a file. */
function withoutRepeats(ruled: readonly Diagnostic[], found: readonly Diagnostic[]): Diagnostic[] {
  const places = new Set(ruled.filter(({ code }) => code.startsWith("CREDENTIAL_")).map(({ file, line }) => `${file}:${line}`));
  return [...ruled, ...found.filter(({ code, file, line }) => code !== "CREDENTIAL_IN_FILE" || !places.has(`${file}:${line}`))];
}

/** What OpenClaw itself would say of the configurations that it gets. Its schema is loaded when there is one to check. */
export async function checkOpenClaw({ subjects }: Assembly): Promise<Diagnostic[]> {
  if (subjects.length === 0) return [];
  const [{ checkConfigurations }, { loadOpenClawSchema }] = await Promise.all([
    import("../../spec/openclaw/check-configurations.ts"),
    import("../../repository/openclaw-schema.ts"),
  ]);
  return checkConfigurations(subjects, await loadOpenClawSchema());
}

async function checkCredentials(files: RepositoryFiles): Promise<Diagnostic[]> {
  const { scanSecrets } = await import("../../repository/scan-secrets.ts");
  return scanSecrets(files);
}

async function checkRenderedFiles(source: FleetSource, files: RepositoryFiles): Promise<Diagnostic[]> {
  const { checkRendered } = await import("./check-rendered.ts");
  return checkRendered(source, files);
}

/** Of what was left out, only files of a workspace would have reached an agent. */
function describeSkipped({ path, reason }: SkippedFile): Diagnostic[] {
  if (!/^[^/]+\/workspace\//.test(path)) return [];
  const message = `the file is left out of the workspace: ${reason}`;
  return [{ severity: "warning", code: "WORKSPACE_FILE_SKIPPED", message, file: path, line: 1, column: 1, fix: "keep text files of at most 1 MiB in workspace/" }];
}
