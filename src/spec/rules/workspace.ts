import type { Diagnostic } from "../diagnostic.ts";
import { suggestName } from "../suggestion.ts";
import { caution, failure } from "./rule.ts";
import type { AgentSubject } from "./rule.ts";

/** A ConfigMap holds 1 MiB; the rest is room for keys, metadata and the escaping of JSON. */
const MAXIMUM_BYTES = 900_000;

/** The files of the agent's workspace/ and their modes. */
export function checkWorkspace(subject: AgentSubject): Diagnostic[] {
  return [...checkNamedFiles(subject), ...checkMemoryFiles(subject), ...checkSize(subject)];
}

function checkNamedFiles({ source, origin }: AgentSubject): Diagnostic[] {
  const present = [...source.workspace.keys()];
  return Object.keys(source.agent.spec.workspace.files).flatMap((path) => {
    // What the fleet says about a file holds for those agents that have it.
    if (source.workspace.has(path) || !origin.isOwn(["workspace", "files", path])) return [];
    const message = `there is no file ${source.folder}/workspace/${path}`;
    return [failure(origin.key(["workspace", "files", path]), "WORKSPACE_FILE_MISSING", message, present.length > 0 ? suggestName(path, present) : "create it, or remove the line")];
  });
}

/** What the agent itself writes down must never be overwritten at a start. */
function checkMemoryFiles({ source, origin }: AgentSubject): Diagnostic[] {
  const { mode, files } = source.agent.spec.workspace;
  return [...source.workspace.keys()].flatMap((path) => {
    const isMemory = path === "MEMORY.md" || path.startsWith("memory/");
    if (!isMemory || (files[path] ?? mode) !== "enforce") return [];
    const place = origin.key(path in files ? ["workspace", "files", path] : ["workspace", "mode"]);
    return [failure(place, "MEMORY_OVERWRITTEN", `\`enforce\` on workspace/${path} would overwrite the agent's memory at every start`, `write \`files: {"${path}": seed}\``)];
  });
}

function checkSize({ source, origin }: AgentSubject): Diagnostic[] {
  let bytes = 0;
  for (const [path, text] of source.workspace) bytes += Buffer.byteLength(path) + Buffer.byteLength(text);
  const found: Diagnostic[] = [];
  if (bytes > MAXIMUM_BYTES) {
    found.push(failure(origin.key(["workspace"]), "WORKSPACE_TOO_LARGE", `the files in ${source.folder}/workspace/ have ${bytes} bytes; a ConfigMap holds ${MAXIMUM_BYTES}`, "keep large files out of the workspace"));
  }
  for (const path of source.workspace.keys()) {
    if (path.split("/").includes(".git")) {
      found.push(caution(origin.key(["workspace"]), "WORKSPACE_GIT", `workspace/${path} belongs to a Git repository of its own`, "keep .git out of the workspace: OpenClaw makes its own"));
    }
  }
  return found;
}
