import type { Diagnostic } from "../diagnostic.ts";
import { OPENCLAW_VERSION } from "../openclaw/version.ts";
import type { Place } from "../origin.ts";
import type { RepositoryFiles } from "../repository.ts";
import { TextPositions } from "../text-position.ts";
import { caution, failure } from "./rule.ts";

/** The Dockerfile of the image that all agents run. */
const DOCKERFILE = "base/Dockerfile";

interface Argument {
  readonly value: string;
  readonly offset: number;
}

/**
 * What would stop every agent at the next build of the image, where the Dockerfile's text alone can tell: OpenClaw not
 * pinned (its newest needs another Node, and npm only warns), or a Node line that OpenClaw's engines do not admit.
 */
export function checkDockerfile(files: RepositoryFiles): Diagnostic[] {
  const text = files.get(DOCKERFILE);
  if (text === undefined) return [];
  const positions = new TextPositions(text);
  const place: PlaceOf = (offset) => ({ file: DOCKERFILE, ...positions.at(offset) });
  return [...checkPin(text, place), ...checkVersion(text, place), ...checkNodeLine(text, place)];
}

type PlaceOf = (offset: number) => Place;

function checkPin(text: string, place: PlaceOf): Diagnostic[] {
  const unpinned = findUnpinned(text);
  if (unpinned === undefined) return [];
  const message = "OpenClaw is installed without a version: the newest may refuse the image's Node";
  return [failure(place(unpinned), "OPENCLAW_UNPINNED", message, `pin it: \`ARG OPENCLAW_VERSION=${OPENCLAW_VERSION}\` and \`openclaw@\${OPENCLAW_VERSION}\``)];
}

function checkVersion(text: string, place: PlaceOf): Diagnostic[] {
  const version = argument(text, "OPENCLAW_VERSION");
  if (!version || version.value === OPENCLAW_VERSION) return [];
  const message = `the image has OpenClaw ${version.value}; configuration is checked against ${OPENCLAW_VERSION}'s schema`;
  return [caution(place(version.offset), "OPENCLAW_VERSION", message, "use a frota that knows this version, or change src/spec/openclaw/version.ts and run scripts/openclaw-schema.ts")];
}

function checkNodeLine(text: string, place: PlaceOf): Diagnostic[] {
  const [base, engines] = [argument(text, "BASE_IMAGE"), argument(text, "OPENCLAW_ENGINES")];
  if (!base || !engines) return [];
  const line = /(?:^|\/)node:(\d+)/.exec(base.value)?.[1];
  if (line === undefined || admitsLine(engines.value, Number(line))) return [];
  const message = `OpenClaw runs on Node ${engines.value}, which no Node ${line} is`;
  return [failure(place(base.offset), "NODE_LINE", message, "take a base image of an admitted line, or an older OpenClaw")];
}

/** The value of `ARG <name>=...`, without its quotes. */
function argument(text: string, name: string): Argument | undefined {
  const match = new RegExp(`^ARG[ \\t]+${name}=(?:"([^"\\n]*)"|([^\\s#]*))`, "m").exec(text);
  const value = match?.[1] ?? match?.[2];
  return match && value !== undefined ? { value, offset: match.index } : undefined;
}

/** Where npm is asked for `openclaw` without an exact version; build arguments count as exact when they have one. */
function findUnpinned(text: string): number | undefined {
  for (const match of text.matchAll(/(?<=[\s"'])openclaw(?:@([^\s"'\\]*))?(?=["'\s\\]|$)/g)) {
    if (!isNpmInstall(text, match.index)) continue;
    const wanted = match[1] ?? "";
    const variable = /^\$\{?(\w+)\}?$/.exec(wanted)?.[1];
    const version = variable === undefined ? wanted : (argument(text, variable)?.value ?? "");
    if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) return match.index;
  }
  return undefined;
}

/** Whether the command that an offset stands in, up to the last `&&`, `;` or instruction, installs npm packages. */
function isNpmInstall(text: string, offset: number): boolean {
  const command = text.slice(0, offset).split(/&&|;|\|\||^(?:RUN|LABEL|CMD|ENTRYPOINT|ENV|ARG|FROM)\b/m).at(-1) ?? "";
  return /\bnpm\s+(?:install|i|add)\b/.test(command);
}

/** Whether some release of a Node line can be within a range such as `>=22.22.3 <23 || >=24.15.0`. */
function admitsLine(range: string, line: number): boolean {
  return range.split("||").some((part) => {
    const lowest = Number(/>=?\s*(\d+)/.exec(part)?.[1] ?? 0);
    const below = Number(/<\s*(\d+)/.exec(part)?.[1] ?? Infinity);
    return line >= lowest && line < below;
  });
}
