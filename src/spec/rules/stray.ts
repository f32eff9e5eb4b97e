import type { Diagnostic } from "../diagnostic.ts";
import { isPlainMap } from "../plain-data.ts";
import type { RepositoryFiles } from "../repository.ts";
import { parseYaml } from "../yaml-document.ts";
import { caution, failure } from "./rule.ts";

/** Path of the Fleet in every repository. */
export const FLEET_FILE = "fleet.yaml";

const AGENT_FILE = /^[^/]+\/agent\.yaml$/;

/** Resources of Frota where nothing reads them: a second Fleet, an Agent in another file; a workspace without agent. */
export function checkStrayFiles(files: RepositoryFiles): Diagnostic[] {
  return [...[...files].flatMap(([path, text]) => checkFile(path, text)), ...checkFolders(files)];
}

function checkFile(file: string, text: string): Diagnostic[] {
  const isAgentFile = AGENT_FILE.test(file);
  // Parsed only when its text can be one: a repository holds much that is not Frota's, and agents are read elsewhere.
  const telling = isAgentFile ? /\bFleet\b/ : /\b(?:Fleet|Agent)\b/;
  if (!isCandidate(file) || !telling.test(text)) return [];
  const { document } = parseYaml(file, text);
  const kind = kindOf(document?.data);
  if (!document || kind === undefined) return [];
  const place = { file, ...document.positionOf(["kind"]) };
  if (kind === "Fleet") return [failure(place, "SECOND_FLEET", "a second Fleet: a namespace has exactly one", "remove it; the Fleet is fleet.yaml at the root")];
  if (kind !== "Agent" || isAgentFile) return [];
  return [caution(place, "STRAY_AGENT", "nothing reads this Agent here", strayFix(file))];
}

function strayFix(file: string): string {
  return /^[^/]+\/agent\.ya?ml$/i.test(file) ? "rename the file to agent.yaml" : "move it to <agent>/agent.yaml, one folder below the root";
}

/** The kind of a resource of Frota's group; undefined for anything else. */
function kindOf(data: unknown): unknown {
  return isPlainMap(data) && String(data["apiVersion"]).startsWith("frota.dev/") ? data["kind"] : undefined;
}

function isCandidate(file: string): boolean {
  const isRendered = /(?:^|\/)k8s\//.test(file);
  return file !== FLEET_FILE && /\.ya?ml$/.test(file) && !isRendered && !file.includes("/workspace/");
}

function checkFolders(files: RepositoryFiles): Diagnostic[] {
  const first = new Map<string, string>();
  for (const path of files.keys()) {
    const folder = /^([^/]+)\/workspace\//.exec(path)?.[1];
    if (folder !== undefined && !first.has(folder)) first.set(folder, path);
  }
  return [...first].flatMap(([folder, file]) => {
    if (files.has(`${folder}/agent.yaml`)) return [];
    return [caution({ file, line: 1, column: 1 }, "NO_AGENT_FILE", `the folder \`${folder}\` has a workspace but no agent.yaml`, `write ${folder}/agent.yaml, or remove the folder`)];
  });
}
