// @ts-check
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { EXIT, Refusal } from "./refusal.mjs";

/**
 * The installed OpenClaw: its version, the newest state schemas it can read, and its JSON5 parser if it brings one.
 * @typedef {object} OpenclawPackage
 * @property {string} version
 * @property {{ readonly state?: number, readonly agent?: number }} schemaVersions
 * @property {((text: string) => unknown) | undefined} parseJson5
 */

/**
 * Finds the package of the `openclaw` command on a search path.
 * @param {string} searchPath as in the environment variable PATH
 * @returns {OpenclawPackage}
 */
export function findOpenclaw(searchPath) {
  const command = searchPath
    .split(path.delimiter)
    .map((folder) => path.join(folder, "openclaw"))
    .find((candidate) => fs.existsSync(candidate));
  const manifest = command === undefined ? undefined : packageFile(fs.realpathSync(command));
  if (manifest === undefined) {
    throw new Refusal({
      code: "OPENCLAW_MISSING",
      message: "the image has no openclaw command",
      next: "build the image from base/Dockerfile, or pin the agent to a working digest",
      exitCode: EXIT.configuration,
    });
  }
  const { version, openclaw } = JSON.parse(fs.readFileSync(manifest, "utf8"));
  return { version, schemaVersions: openclaw?.schemaVersions ?? {}, parseJson5: json5Parser(manifest) };
}

/**
 * The package.json of the package `openclaw` that a file belongs to.
 * @param {string} file
 * @returns {string | undefined}
 */
function packageFile(file) {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json");
    if (fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, "utf8")).name === "openclaw") return manifest;
  }
  return undefined;
}

/** @param {string} manifest */
function json5Parser(manifest) {
  try {
    const json5 = createRequire(manifest)("json5");
    return typeof json5.parse === "function" ? json5.parse : undefined;
  } catch {
    return undefined;
  }
}
