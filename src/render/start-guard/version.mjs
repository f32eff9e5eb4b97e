// @ts-check
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { readIfPresent, replaceFile } from "./files.mjs";
import { Refusal } from "./refusal.mjs";

/**
 * Which OpenClaw ran last on this state. An attempt counts as a run only if the state's databases changed after it: an
 * image that cannot start at all must not lock out the one before it.
 * @typedef {object} VersionRecord
 * @property {string | null} version
 * @property {{ readonly version: string, readonly fingerprint: string } | null} attempt
 */

/** @typedef {import("./openclaw-package.mjs").OpenclawPackage} OpenclawPackage */

/**
 * Orders OpenClaw versions: `2026.9.2-beta.1` < `2026.9.2` < `2026.9.2-1` (a purely numeric suffix is a later repair).
 * @param {string} left
 * @param {string} right
 * @returns {number} negative, zero or positive
 */
export function compareVersions(left, right) {
  const [a, b] = [sortKey(left), sortKey(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareParts(a[index] ?? 0, b[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * @param {string} version
 * @returns {(number | string)[]}
 */
function sortKey(version) {
  const [release = "", ...rest] = (version.split("+")[0] ?? "").split("-");
  const suffix = rest.join("-");
  const numbers = release.split(".").map(Number);
  if (suffix === "") return [...numbers, 0];
  const rank = /^\d+$/.test(suffix) ? 1 : -1;
  return [...numbers, rank, ...suffix.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part))];
}

/**
 * @param {number | string} a
 * @param {number | string} b
 */
function compareParts(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === typeof b) return String(a) < String(b) ? -1 : Number(String(a) > String(b));
  return typeof a === "number" ? -1 : 1;
}

/**
 * Refuses an OpenClaw that is older than the last one that ran on this state, or that cannot read its databases.
 * @param {{ state: string, openclaw: OpenclawPackage, stampedVersion: string | undefined, accepted: string | undefined }} world
 *   `stampedVersion` is what the configuration says last wrote it, used only when nothing was recorded;
 *   `accepted` is a version whose record the operator has overruled
 */
export function refuseOlder({ state, openclaw, stampedVersion, accepted }) {
  const lastRun = lastVersion(state) ?? stampedVersion;
  if (lastRun !== undefined && accepted !== openclaw.version && compareVersions(openclaw.version, lastRun) < 0) {
    throw new Refusal({
      code: "OPENCLAW_OLDER_THAN_STATE",
      message: `OpenClaw ${openclaw.version} is older than ${lastRun}, which last ran on this state and may have migrated it one way`,
      next:
        `run an image with OpenClaw ${lastRun} or newer, or restore the state from before the upgrade` +
        ` (and then, once, set FROTA_ACCEPT_OPENCLAW=${openclaw.version} in spec.env)`,
    });
  }
  const found = schemaVersion(path.join(state, "state", "openclaw.sqlite"));
  const supported = openclaw.schemaVersions.state;
  if (found !== undefined && supported !== undefined && found > supported) {
    throw new Refusal({
      code: "STATE_NEWER_THAN_OPENCLAW",
      message: `the state has schema version ${found}, but OpenClaw ${openclaw.version} reads only up to ${supported}`,
      next: "run an image with a newer OpenClaw, or restore the state from before the upgrade",
    });
  }
}

/**
 * Notes which OpenClaw is about to run. Call it last: what comes after it is the gateway.
 * @param {string} state
 * @param {string} version
 */
export function recordAttempt(state, version) {
  /** @type {VersionRecord} */
  const record = { version: lastVersion(state) ?? null, attempt: { version, fingerprint: fingerprint(state) } };
  const folder = path.join(state, ".frota");
  const file = path.join(folder, RECORD);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  if (readIfPresent(file)?.toString() === text) return;
  replaceFile(file, text, { mode: 0o600, temporary: path.join(folder, "temporary") });
}

const RECORD = "openclaw-version.json";

/**
 * @param {string} state
 * @returns {string | undefined}
 */
function lastVersion(state) {
  const { version, attempt } = readRecord(path.join(state, ".frota", RECORD));
  if (attempt && attempt.fingerprint !== fingerprint(state)) return attempt.version;
  return version ?? undefined;
}

/**
 * @param {string} file
 * @returns {VersionRecord}
 */
function readRecord(file) {
  const none = { version: null, attempt: null };
  try {
    return { ...none, ...JSON.parse(readIfPresent(file)?.toString() ?? "{}") };
  } catch {
    return none;
  }
}

/**
 * Size and time of every database of the state; changes as soon as an OpenClaw has written to one.
 * @param {string} state
 * @returns {string}
 */
function fingerprint(state) {
  const agents = path.join(state, "agents");
  const folders = [path.join(state, "state"), ...listFolder(agents).map((agent) => path.join(agents, agent, "agent"))];
  return folders
    .flatMap((folder) => listFolder(folder).map((name) => path.join(folder, name)))
    .filter((file) => /\.sqlite(-wal)?$/.test(file))
    .map((file) => {
      const { size, mtimeMs, ino } = fs.lstatSync(file);
      return `${path.relative(state, file)}:${ino}:${size}:${mtimeMs}`;
    })
    .join(" ");
}

/** @param {string} folder */
function listFolder(folder) {
  return fs.existsSync(folder) && fs.statSync(folder).isDirectory() ? fs.readdirSync(folder).sort() : [];
}

/**
 * The schema version of OpenClaw's state database (SQLite's `user_version`), undefined when it cannot be told.
 * @param {string} file
 * @returns {number | undefined}
 */
function schemaVersion(file) {
  if (!fs.existsSync(file)) return undefined;
  try {
    const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite");
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database.prepare("PRAGMA user_version").get()?.user_version;
    } finally {
      database.close();
    }
  } catch {
    // OpenClaw reads its own database next and explains what is wrong with it.
    return undefined;
  }
}
