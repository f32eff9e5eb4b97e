import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Arguments by name, as `--build-arg` gives them. */
export type BuildArguments = Readonly<Record<string, string>>;

/** What every Dockerfile takes without an ARG (https://docs.docker.com/reference/dockerfile/#predefined-args). */
const PREDEFINED = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH"] as const;

/** Names that a Dockerfile's ARG instructions declare, in order. */
export function declaredArguments(dockerfile: string): readonly string[] {
  const text = dockerfile.replaceAll(/^\s*#.*\n?/gm, "").replaceAll(/\\[ \t]*\n/g, " ");
  return Array.from(text.matchAll(/^\s*ARG\s+(.*)$/gim), ([, rest = ""]) => namesIn(rest)).flat();
}

/** The names of `A=1 B="x y" C`. */
function namesIn(declaration: string): string[] {
  return Array.from(declaration.matchAll(/([A-Za-z_]\w*)(?:=(?:"[^"]*"|'[^']*'|\\.|[^\s"'])*)?/g), ([, name = ""]) => name);
}

/** The arguments that a Dockerfile takes: the others change nothing of what is built. */
export function consumedArguments(dockerfile: string, args: BuildArguments): BuildArguments {
  const declared = new Set(declaredArguments(dockerfile));
  return Object.fromEntries(Object.entries(args).filter(([name]) => declared.has(name) || isPredefined(name)));
}

function isPredefined(name: string): boolean {
  return PREDEFINED.some((known) => known === name || known.toLowerCase() === name);
}

/** Arguments that a folder's Dockerfile does not take, and those that it declares; none without a Dockerfile. */
export async function unconsumedArguments(folder: string, args: BuildArguments): Promise<{ readonly names: readonly string[]; readonly declared: readonly string[] }> {
  const dockerfile = await readFile(join(folder, "Dockerfile"), "utf8").catch(() => undefined);
  if (dockerfile === undefined) return { names: [], declared: [] };
  const consumed = consumedArguments(dockerfile, args);
  return { names: Object.keys(args).filter((name) => !Object.hasOwn(consumed, name)), declared: declaredArguments(dockerfile) };
}
