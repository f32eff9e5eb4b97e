// @ts-check
import * as fs from "node:fs";
import * as path from "node:path";
import { lstatIfPresent, readIfPresent, replaceFile, syncFolder } from "./files.mjs";
import { isEqual, isObject, mergeConfiguration } from "./merge.mjs";
import { Refusal } from "./refusal.mjs";

/** @typedef {import("./merge.mjs").JsonObject} JsonObject */
/** @typedef {(text: string) => unknown} Parse */

/**
 * The live configuration as found.
 * @typedef {object} LiveConfiguration
 * @property {JsonObject} value
 * @property {string | undefined} source file it was read from; undefined when there was none
 * @property {boolean} unreadable whether openclaw.json is there but cannot be parsed
 */

/** How many conflicts `.frota/conflicts.json` keeps. */
const CONFLICT_HISTORY = 100;

/**
 * Reads the agent's configuration, or the newest of OpenClaw's own copies if it cannot be parsed. Writes nothing.
 * @param {string} state
 * @param {Parse} parse
 * @returns {LiveConfiguration}
 */
export function readLive(state, parse) {
  const file = path.join(state, "openclaw.json");
  const text = readIfPresent(file)?.toString();
  const unreadable = text !== undefined && parseObject(text, parse) === undefined;
  // A missing openclaw.json is a fresh volume, or the agent's own deletion: then old copies must not come back.
  const copies = unreadable || hasUnreadable(state) ? [`${file}.last-good`, `${file}.bak`] : [];
  for (const source of [file, ...copies]) {
    const value = parseObject(readIfPresent(source)?.toString() ?? "", parse);
    if (value !== undefined) return { value, source, unreadable };
  }
  return { value: {}, source: undefined, unreadable };
}

/**
 * Merges the declaration into the agent's configuration and writes what changed: first the configuration, then the
 * base of the next merge. A crash in between repeats the same merge with the same result.
 * @param {{ state: string, declared: JsonObject, live: LiveConfiguration, parse: Parse, now: Date,
 *   log: (line: string) => void }} world
 */
export function applyDeclaration({ state, declared, live, parse, now, log }) {
  const frota = path.join(state, ".frota");
  const temporary = path.join(frota, "temporary");
  const baseFile = path.join(frota, "declared.json");
  const file = path.join(state, "openclaw.json");
  if (live.unreadable) keepAside(file, log);
  if (live.source !== undefined && live.source !== file) log(`configuration taken from ${path.basename(live.source)}`);
  const base = readBase(baseFile, parse, log);
  const { merged, conflicts } = mergeConfiguration(base ?? {}, declared, live.value);
  if (live.source === file && isEqual(merged, live.value)) {
    tightenMode(file);
    log("configuration already as declared");
  } else {
    keepTextBefore(live.source, { frota, temporary });
    replaceFile(file, format(merged), { mode: 0o600, temporary });
    log("configuration merged with the declaration");
  }
  if (conflicts.length > 0) recordConflicts({ frota, temporary, conflicts, now, log });
  if (!isEqual(base, declared)) replaceFile(baseFile, format(declared), { mode: 0o600, temporary });
}

/**
 * Keeps the text before the merge: the rewrite loses the agent's comments, and values that the declaration overrules.
 * @param {string | undefined} source
 * @param {{ frota: string, temporary: string }} folders
 */
function keepTextBefore(source, { frota, temporary }) {
  const before = source === undefined ? undefined : readIfPresent(source);
  if (before !== undefined) replaceFile(path.join(frota, "openclaw.json.before"), before, { mode: 0o600, temporary });
}

/**
 * The mounted declaration, which Frota rendered as strict JSON.
 * @param {string} file
 * @returns {JsonObject}
 */
export function readDeclared(file) {
  const text = readIfPresent(file)?.toString();
  const declared = text === undefined ? undefined : parseObject(text, JSON.parse);
  if (declared !== undefined) return declared;
  throw new Refusal({
    code: "DECLARATION_UNREADABLE",
    message: `the declared configuration at ${file} is ${text === undefined ? "missing" : "not a JSON object"}`,
    next: "render and apply the agent again: frota render, then kubectl apply -f agents/<agent>/k8s/",
  });
}

/**
 * @param {string} file
 * @param {Parse} parse
 * @param {(line: string) => void} log
 * @returns {JsonObject | undefined}
 */
function readBase(file, parse, log) {
  const text = readIfPresent(file)?.toString();
  const base = text === undefined ? undefined : parseObject(text, parse);
  if (text !== undefined && base === undefined) log(`${file} cannot be parsed: keys that left the declaration stay`);
  return base;
}

/**
 * @param {string} text
 * @param {Parse} parse
 * @returns {JsonObject | undefined}
 */
function parseObject(text, parse) {
  try {
    const value = parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @param {(line: string) => void} log
 */
function keepAside(file, log) {
  let number = 1;
  while (lstatIfPresent(`${file}.unreadable-${number}`)) number += 1;
  fs.renameSync(file, `${file}.unreadable-${number}`);
  syncFolder(path.dirname(file));
  log(`openclaw.json cannot be parsed; kept aside as openclaw.json.unreadable-${number}`);
}

/** @param {string} state */
function hasUnreadable(state) {
  return fs.readdirSync(state).some((name) => name.startsWith("openclaw.json.unreadable-"));
}

/** @param {string} file */
function tightenMode(file) {
  if ((fs.statSync(file).mode & 0o777) !== 0o600) fs.chmodSync(file, 0o600);
}

/**
 * @param {{ frota: string, temporary: string, conflicts: readonly import("./merge.mjs").Conflict[], now: Date,
 *   log: (line: string) => void }} world
 */
function recordConflicts({ frota, temporary, conflicts, now, log }) {
  const file = path.join(frota, "conflicts.json");
  const text = readIfPresent(file)?.toString();
  const history = text === undefined ? undefined : parseObject(text, JSON.parse)?.["conflicts"];
  const at = now.toISOString();
  const all = [...(Array.isArray(history) ? history : []), ...conflicts.map((conflict) => ({ at, ...conflict }))];
  replaceFile(file, format({ conflicts: all.slice(-CONFLICT_HISTORY) }), { mode: 0o600, temporary });
  for (const { path: keys, resolution } of conflicts) log(`conflict at ${JSON.stringify(keys)}: ${resolution}`);
}

/** @param {JsonObject} value */
function format(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
