import { agentSchema } from "./agent.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { fleetSchema } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import { mergeDefaults } from "./merge.ts";
import { checkConfiguration } from "./openclaw/configuration-rules.ts";
import { SpecOrigin } from "./origin.ts";
import { isPlainMap, valueAt } from "./plain-data.ts";
import type { PlainMap } from "./plain-data.ts";
import type { AgentSource, FleetSource, RepositoryFiles } from "./repository.ts";
import { checkCapacity } from "./rules/capacity.ts";
import { checkDockerfile } from "./rules/dockerfile.ts";
import { checkEnvironment } from "./rules/environment.ts";
import { checkCanaries, checkDuplicates, checkIdentity } from "./rules/identity.ts";
import { checkAgentValues, checkFleetValues } from "./rules/outside.ts";
import type { AgentRule, AgentSubject } from "./rules/rule.ts";
import { checkStrayFiles, FLEET_FILE } from "./rules/stray.ts";
import { checkWorkspace } from "./rules/workspace.ts";
import { checkDocument } from "./schema-issues.ts";
import { parseYaml } from "./yaml-document.ts";
import type { YamlDocument, YamlResult } from "./yaml-document.ts";

const AGENT_RULES: readonly AgentRule[] = [checkIdentity, checkAgentValues, checkCapacity, checkEnvironment, checkWorkspace, checkConfiguration];

/** What a repository's files amount to. */
export interface Assembly {
  /** Absent without a valid fleet.yaml; it leaves out agents whose own file is not valid. */
  readonly source?: FleetSource;
  /** What rules look at, for those that need more than the files: one for each agent of `source`, in its order. */
  readonly subjects: readonly AgentSubject[];
  /** Sorted by place. An error means that the source must not be rendered or applied. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a fleet repository: `fleet.yaml` and every `<folder>/agent.yaml`, the fleet's defaults merged into each agent,
 * and every rule that files alone can decide. Never throws, whatever the files hold.
 */
export function assembleFleet(files: RepositoryFiles): Assembly {
  const fleet = readFleet(files);
  const diagnostics = [...fleet.diagnostics, ...checkStrayFiles(files), ...checkDockerfile(files)];
  const subjects: AgentSubject[] = [];
  const workspaces = readWorkspaces(files);
  for (const [path, text] of files) {
    const folder = /^([^/]+)\/agent\.yaml$/.exec(path)?.[1];
    if (folder === undefined) continue;
    const read = readAgent(parseYaml(path, text), fleet, { folder, workspace: workspaces.get(folder) ?? new Map() });
    diagnostics.push(...read.diagnostics);
    if (read.subject) subjects.push(read.subject);
  }
  subjects.sort((left, right) => compare(left.source.agent.metadata.name, right.source.agent.metadata.name) || compare(left.source.folder, right.source.folder));
  diagnostics.push(...checkDuplicates(subjects), ...subjects.flatMap((subject) => AGENT_RULES.flatMap((rule) => rule(subject))));
  if (fleet.value && fleet.document) diagnostics.push(...checkCanaries(fleet.value, fleet.document, agentNames(files, subjects)));
  const sorted = sortDiagnostics(diagnostics);
  if (!fleet.value) return { subjects, diagnostics: sorted };
  return {
    source: { fleet: fleet.value, written: asMap(fleet.document?.data), agents: subjects.map((subject) => subject.source), diagnostics: sorted },
    subjects,
    diagnostics: sorted,
  };
}

/** Of every agent that has a file: by its name, or by its folder's where the file is not valid. */
function agentNames(files: RepositoryFiles, subjects: readonly AgentSubject[]): string[] {
  const folders = [...files.keys()].flatMap((path) => /^([^/]+)\/agent\.yaml$/.exec(path)?.[1] ?? []);
  return [...new Set([...subjects.map(({ source }) => source.agent.metadata.name), ...folders])];
}

/** By file, line, column and code; the same finding at the same place, as a fleet's default is for each agent, once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((found) => [`${found.file}:${found.line}:${found.column} ${found.code} ${found.message}`, found]));
  return [...unique.values()].sort(
    (left, right) =>
      compare(left.file, right.file) || left.line - right.line || left.column - right.column || compare(left.code, right.code),
  );
}

interface ReadFleet {
  readonly value?: Fleet;
  readonly document?: YamlDocument;
  readonly diagnostics: readonly Diagnostic[];
}

function readFleet(files: RepositoryFiles): ReadFleet {
  const text = files.get(FLEET_FILE);
  if (text === undefined) {
    const message = "the repository has no fleet.yaml";
    return { diagnostics: [{ severity: "error", code: "FLEET_MISSING", message, file: FLEET_FILE, line: 1, column: 1, fix: "write one at the repository's root: kind Fleet" }] };
  }
  const { document, diagnostics } = parseYaml(FLEET_FILE, text);
  if (!document) return { diagnostics };
  const checked = checkDocument(fleetSchema, document);
  const values = checked.value ? checkFleetValues(checked.value, document) : [];
  return { ...checked, document, diagnostics: [...diagnostics, ...checked.diagnostics, ...values] };
}

function readAgent({ document, diagnostics: faults }: YamlResult, fleet: ReadFleet, location: Pick<AgentSource, "folder" | "workspace">): { subject?: AgentSubject; diagnostics: Diagnostic[] } {
  if (!document) return { diagnostics: [...faults] };
  const own = checkDocument(agentSchema, document);
  const diagnostics = [...faults, ...own.diagnostics];
  if (!own.value || !fleet.value || !fleet.document) return { diagnostics };
  const spec = mergeDefaults(valueAt(fleet.document.data, ["spec", "defaults"]), valueAt(document.data, ["spec"]));
  const merged = agentSchema.safeParse({ ...own.value, spec });
  // Both halves are valid by themselves; the merge of two valid halves is checked all the same.
  if (!merged.success) {
    const place = { file: document.file, ...document.keyPositionOf(["spec"]) };
    diagnostics.push({ severity: "error", code: "MERGE_INVALID", message: "together with the fleet's defaults the spec is not valid", ...place, fix: "compare it with spec.defaults of fleet.yaml" });
    return { diagnostics };
  }
  const origin = new SpecOrigin(document, fleet.document);
  return { subject: { fleet: fleet.value, source: { agent: merged.data, written: asMap(document.data), ...location }, origin }, diagnostics };
}

function asMap(data: unknown): PlainMap {
  return isPlainMap(data) ? data : {};
}

/** The texts of every `<folder>/workspace/`, by path below it, by folder. */
function readWorkspaces(files: RepositoryFiles): Map<string, Map<string, string>> {
  const workspaces = new Map<string, Map<string, string>>();
  for (const [path, text] of [...files].sort(([left], [right]) => compare(left, right))) {
    const [, folder, below] = /^([^/]+)\/workspace\/(.+)$/.exec(path) ?? [];
    if (folder === undefined || below === undefined) continue;
    const workspace = workspaces.get(folder) ?? new Map<string, string>();
    workspaces.set(folder, workspace.set(below, text));
  }
  return workspaces;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
