import { readFileSync } from "node:fs";

/** Files of the start guard, in the ConfigMap under their own names. */
const FILES = [
  "start.sh",
  "start-guard.mjs",
  "configuration.mjs",
  "files.mjs",
  "merge.mjs",
  "openclaw-package.mjs",
  "refusal.mjs",
  "version.mjs",
  "workspace-key.mjs",
  "workspace.mjs",
] as const;

let cached: Readonly<Record<string, string>> | undefined;

/** The start guard's scripts by file name. They are part of the program: read once, from beside this file. */
export function startGuardFiles(): Readonly<Record<string, string>> {
  cached ??= Object.fromEntries(
    FILES.map((name) => [name, readFileSync(new URL(`./start-guard/${name}`, import.meta.url), "utf8")]),
  );
  return cached;
}

/** Where the pod finds the start guard, its inputs and the agent's state. */
export const POD_PATHS = {
  state: "/root/.openclaw",
  startGuard: "/etc/frota/start-guard",
  configuration: "/etc/frota/config",
  workspace: "/etc/frota/workspace",
} as const;

/** Key of the ConfigMap that holds the declared configuration. */
export const CONFIGURATION_KEY = "openclaw.json";
