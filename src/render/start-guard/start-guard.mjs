// @ts-check
// Frota's start guard. Runs before the gateway, under the volume lock that start.sh holds, on the image's own Node and
// with nothing but it. Exit 0: start the gateway. 78: this start cannot succeed as things are. 74: the disk failed.
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { applyDeclaration, readDeclared, readLive } from "./configuration.mjs";
import { isObject } from "./merge.mjs";
import { findOpenclaw } from "./openclaw-package.mjs";
import { EXIT, explainDiskFailure, Refusal } from "./refusal.mjs";
import { recordAttempt, refuseOlder } from "./version.mjs";
import { writeWorkspace } from "./workspace.mjs";

/** Below this much free space (bytes) the guard warns: OpenClaw goes on answering "ready" on a full volume. */
const LOW_SPACE = 64 * 2 ** 20;

/**
 * Where the guard finds things. The defaults are those of the rendered pod; the environment overrides them for tests.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function settingsFrom(env) {
  return {
    state: env["FROTA_STATE"] ?? "/root/.openclaw",
    declaration: env["FROTA_DECLARATION"] ?? "/etc/frota/config/openclaw.json",
    workspace: env["FROTA_WORKSPACE"] ?? "/etc/frota/workspace",
    terminationLog: env["FROTA_TERMINATION_LOG"] ?? "/dev/termination-log",
    agent: env["FROTA_AGENT"] ?? "<agent>",
    requiredSecrets: (env["FROTA_REQUIRED_SECRETS"] ?? "").split(",").filter((name) => name !== ""),
    acceptedVersion: env["FROTA_ACCEPT_OPENCLAW"],
    isLocked: env["FROTA_CONFIGURATION_MODE"] === "locked",
  };
}

/**
 * Everything that must be true or done before a gateway starts. Throws a Refusal, or an error of the file system.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {{ now: Date, log: (line: string) => void }} world
 */
export function prepareStart(env, { now, log }) {
  const settings = settingsFrom(env);
  const { state } = settings;
  requireSecrets(settings, env);
  const declared = readDeclared(settings.declaration);
  const openclaw = findOpenclaw(env["PATH"] ?? "");
  const parse = openclaw.parseJson5 ?? JSON.parse;
  fs.mkdirSync(path.join(state, ".frota"), { recursive: true, mode: 0o700 });
  warnOfLowSpace(state, log);
  const live = readLive(state, parse);
  refuseOlder({ state, openclaw, stampedVersion: stampedVersion(live.value), accepted: settings.acceptedVersion });
  if (settings.isLocked) log("configuration is locked: OpenClaw reads the declaration where it is mounted");
  else applyDeclaration({ state, declared, live, parse, now, log });
  writeWorkspace({ mounted: settings.workspace, state, log });
  recordAttempt(state, openclaw.version);
  log(`starting OpenClaw ${openclaw.version}`);
}

/**
 * @param {ReturnType<typeof settingsFrom>} settings
 * @param {Readonly<Record<string, string | undefined>>} env
 */
function requireSecrets({ requiredSecrets, agent }, env) {
  const missing = requiredSecrets.filter((name) => !env[name]);
  if (missing.length === 0) return;
  throw new Refusal({
    code: "SECRET_MISSING",
    message: `required secrets are missing or empty: ${missing.join(", ")}`,
    next: `frota secrets set ${agent} ${missing[0]} --restart (then the next one), or write them to Vault and restart the agent`,
  });
}

/**
 * The version that OpenClaw itself stamps into a configuration that it writes.
 * @param {import("./merge.mjs").JsonObject} configuration
 * @returns {string | undefined}
 */
function stampedVersion({ meta }) {
  const version = isObject(meta) ? meta["lastTouchedVersion"] : undefined;
  return typeof version === "string" ? version : undefined;
}

/**
 * @param {string} state
 * @param {(line: string) => void} log
 */
function warnOfLowSpace(state, log) {
  const { bavail, bsize, blocks } = fs.statfsSync(state);
  const megabytes = (/** @type {number} */ count) => Math.floor((count * bsize) / 2 ** 20);
  if (bavail * bsize >= LOW_SPACE) return;
  log(`the volume is nearly full: ${megabytes(bavail)} MiB of ${megabytes(blocks)} MiB free; raise spec.storage.size`);
}

/**
 * Tells a failure on stderr and, for `kubectl describe`, in the container's termination message.
 * @param {unknown} error
 * @param {string} terminationLog
 * @returns {number} exit code
 */
function reportFailure(error, terminationLog) {
  const reason = explainDiskFailure(error);
  const text =
    reason instanceof Refusal
      ? `frota refused to start OpenClaw: ${reason.message} [${reason.code}]\nnext: ${reason.next}\n`
      : `frota's start guard failed: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`;
  process.stderr.write(text);
  try {
    fs.writeFileSync(terminationLog, text);
  } catch {
    // Outside a pod there is none; the text is on stderr.
  }
  return reason instanceof Refusal ? reason.exitCode : EXIT.inputOutput;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  try {
    prepareStart(process.env, {
      now: new Date(),
      log: (line) => void process.stdout.write(`frota start guard: ${line}\n`),
    });
  } catch (error) {
    process.exitCode = reportFailure(error, settingsFrom(process.env).terminationLog);
  }
}
