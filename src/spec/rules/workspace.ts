import type { Diagnostic } from "../diagnostic.ts";
import { suggestName } from "../suggestion.ts";
import { caution, failure } from "./rule.ts";
import type { AgentSubject } from "./rule.ts";

/** A ConfigMap holds 1 MiB; the rest is room for keys, metadata and the escaping of JSON. */
const MAXIMUM_BYTES = 900_000;

/** `kubectl apply` without --server-side keeps the object as JSON in an annotation; all of an object's together have 256 KiB. Less room for the rest. */
const KUBECTL_BYTES = 2 ** 18 - 4_096;

/** Characters that a ConfigMap's key may have. */
const MAXIMUM_KEY = 253;

/** Characters of the ConfigMap key that rendering makes of a path: letters, digits, `.` and `-` stay, every other byte takes three. Pure. */
export function workspaceKeyLength(path: string): number {
  const plain = path.replaceAll(/[^A-Za-z0-9.-]/g, "").length;
  const others = Buffer.byteLength(path) - plain;
  // None may begin with a dot.
  return plain + 3 * others + (path.startsWith(".") ? 2 : 0);
}

/** The files of the agent's workspace/ and their modes. */
export function checkWorkspace(subject: AgentSubject): Diagnostic[] {
  return [...checkNamedFiles(subject), ...checkMemoryFiles(subject), ...checkPaths(subject), ...checkSize(subject)];
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

function checkPaths({ source, origin }: AgentSubject): Diagnostic[] {
  const found: Diagnostic[] = [];
  // Only where there is something to tell: places take another parser.
  const place = () => origin.key(["workspace"]);
  for (const path of source.workspace.keys()) {
    const length = workspaceKeyLength(path);
    if (length > MAXIMUM_KEY) {
      found.push(failure(place(), "WORKSPACE_PATH_TOO_LONG", `workspace/${path} would be a ConfigMap key of ${length} characters; at most ${MAXIMUM_KEY} are allowed, and each / and special one counts three`, "shorten the path"));
    }
    if (path.split("/").includes(".git")) {
      found.push(caution(place(), "WORKSPACE_GIT", `workspace/${path} belongs to a Git repository of its own`, "keep .git out of the workspace: OpenClaw makes its own"));
    }
  }
  return found;
}

function checkSize({ source, origin }: AgentSubject): Diagnostic[] {
  const place = () => origin.key(["workspace"]);
  const bytes = bytesOf(source.workspace, (text) => text);
  if (bytes > MAXIMUM_BYTES) {
    return [failure(place(), "WORKSPACE_TOO_LARGE", `the files in ${source.folder}/workspace/ have ${bytes} bytes; a ConfigMap holds ${MAXIMUM_BYTES}`, "keep large files out of the workspace")];
  }
  const written = bytesOf(source.workspace, JSON.stringify);
  if (written <= KUBECTL_BYTES) return [];
  return [caution(place(), "WORKSPACE_LARGE", `the files in ${source.folder}/workspace/ take ${written} bytes as JSON; plain \`kubectl apply\` takes objects of up to ${KUBECTL_BYTES}`, "use `frota apply` or `kubectl apply --server-side`, or keep large files out of the workspace")];
}

function bytesOf(files: ReadonlyMap<string, string>, written: (text: string) => string): number {
  let bytes = 0;
  for (const [path, text] of files) bytes += Buffer.byteLength(path) + Buffer.byteLength(written(text));
  return bytes;
}
