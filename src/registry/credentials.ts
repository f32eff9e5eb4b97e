import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** A name and password for a registry. Never print them. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** Finds the credentials for a registry host; undefined: anonymous. */
export type CredentialSource = (registry: string) => Promise<RegistryCredentials | undefined>;

interface DockerConfig {
  readonly auths: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly credHelpers: ReadonlyMap<string, unknown>;
  readonly credsStore: unknown;
}

/** Credentials out of the content of a `kubernetes.io/dockerconfigjson` Secret. Malformed content holds none. */
export function pullSecretCredentials(dockerConfigJson: string): CredentialSource {
  const config = parseConfig(dockerConfigJson);
  return (registry) => Promise.resolve(fromAuths(config, registry));
}

/**
 * Credentials out of docker's own configuration (`$DOCKER_CONFIG/config.json` or `~/.docker/config.json`), its credential helpers
 * included. No configuration holds none.
 */
export function dockerCredentials(env: Readonly<Record<string, string | undefined>>): CredentialSource {
  const folder = env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker");
  return async (registry) => {
    const config = parseConfig(await readFile(join(folder, "config.json"), "utf8").catch(() => ""));
    const helper = config.credHelpers.get(registry) ?? config.credsStore;
    const helped = typeof helper === "string" ? await fromHelper(helper, registry) : undefined;
    return helped ?? fromAuths(config, registry);
  };
}

/** The first of the sources that knows the registry. */
export function firstOf(sources: readonly CredentialSource[]): CredentialSource {
  return async (registry) => {
    for (const source of sources) {
      const found = await source(registry);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function parseConfig(text: string): DockerConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const config = recordOf(value);
  const auths = Object.entries(recordOf(config["auths"])).map(([key, entry]) => [key, recordOf(entry)] as const);
  return {
    auths: new Map(auths),
    credHelpers: new Map(Object.entries(recordOf(config["credHelpers"]))),
    credsStore: config["credsStore"],
  };
}

/** Keys may be hosts or URLs; Docker Hub goes by its old address. */
function fromAuths(config: DockerConfig, registry: string): RegistryCredentials | undefined {
  const wanted = registry === "docker.io" ? "index.docker.io" : registry;
  for (const [key, entry] of config.auths) {
    const host = key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    const credentials = host === wanted || host === registry ? entryCredentials(entry) : undefined;
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

function entryCredentials(entry: Readonly<Record<string, unknown>>): RegistryCredentials | undefined {
  const { auth, username, password } = entry;
  if (typeof username === "string" && typeof password === "string") return { username, password };
  if (typeof auth !== "string") return undefined;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon > 0 ? { username: text.slice(0, colon), password: text.slice(colon + 1) } : undefined;
}

/** Asks `docker-credential-<helper>`; one that is missing or knows nothing gives undefined. */
async function fromHelper(helper: string, registry: string): Promise<RegistryCredentials | undefined> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  const child = execFile(`docker-credential-${helper}`, ["get"], (error, stdout) => resolve(error ? "" : stdout));
  child.stdin?.on("error", () => resolve(""));
  child.stdin?.end(server);
  const { Username: username, Secret: password } = recordOf(parseOrUndefined(await promise));
  return typeof username === "string" && typeof password === "string" ? { username, password } : undefined;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
