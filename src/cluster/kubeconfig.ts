import type { RequestOptions } from "node:https";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { FrotaError } from "../spec/error.ts";
import type { KubeconfigSelection } from "./cluster.ts";

/** How to reach an API server as a user. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  /** TLS material, headers and agent for one request; called for each, because tokens expire. */
  options(): Promise<RequestOptions>;
  /** Files to hand to the full client library. */
  readonly files: readonly string[];
}

interface ClusterEntry {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
  "proxy-url"?: string;
}

interface UserEntry {
  token?: string;
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  [key: string]: unknown;
}

interface Kubeconfig {
  "current-context"?: string;
  clusters?: { name: string; cluster: ClusterEntry; folder?: string }[];
  users?: { name: string; user: UserEntry; folder?: string }[];
  contexts?: { name: string; context: { cluster: string; user: string } }[];
}

const STATIC_USER_KEYS: ReadonlySet<string> = new Set([
  "token",
  "client-certificate",
  "client-certificate-data",
  "client-key",
  "client-key-data",
]);

/** Finds the context, and its credentials. Throws FrotaError KUBECONFIG_INVALID or CONTEXT_UNKNOWN. */
export async function loadConnection(selection: KubeconfigSelection): Promise<Connection> {
  const files = kubeconfigFiles(selection.path);
  const config = merge(await Promise.all(files.map(readKubeconfig)));
  const context = selection.context ?? config["current-context"];
  const entry = config.contexts?.find((candidate) => candidate.name === context);
  if (context === undefined || entry === undefined) throw unknownContext(context, config, files);
  const cluster = config.clusters?.find((candidate) => candidate.name === entry.context.cluster);
  const user = config.users?.find((candidate) => candidate.name === entry.context.user);
  if (!cluster?.cluster.server) throw invalid(files, `its context ${context} names no cluster with a server`);
  const base = { context, server: cluster.cluster.server.replace(/\/$/, ""), files };
  const isStatic =
    cluster.cluster["proxy-url"] === undefined &&
    Object.keys(user?.user ?? {}).every((key) => STATIC_USER_KEYS.has(key));
  if (!isStatic) return { ...base, options: libraryOptions(files, context) };
  const options = await staticOptions(cluster, user);
  return { ...base, options: () => Promise.resolve(options) };
}

function kubeconfigFiles(path: string | undefined): string[] {
  const list = path ?? process.env["KUBECONFIG"];
  const files = (list ?? "").split(delimiter).filter((file) => file !== "");
  return files.length > 0 ? files : [join(homedir(), ".kube", "config")];
}

async function readKubeconfig(file: string): Promise<Kubeconfig> {
  let config: Kubeconfig | null;
  try {
    config = parse(await readFile(file, "utf8")) as Kubeconfig | null;
  } catch (error) {
    throw invalid([file], error instanceof Error ? error.message : String(error), error);
  }
  const folder = dirname(resolve(file));
  return {
    ...config,
    clusters: (config?.clusters ?? []).map((entry) => ({ ...entry, folder })),
    users: (config?.users ?? []).map((entry) => ({ ...entry, folder })),
  };
}

/** The first file that names something wins, as in kubectl. */
function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  const current = configs.map((config) => config["current-context"]).find((name) => name !== undefined);
  return {
    ...(current === undefined ? {} : { "current-context": current }),
    clusters: configs.flatMap((config) => config.clusters ?? []),
    users: configs.flatMap((config) => config.users ?? []),
    contexts: configs.flatMap((config) => config.contexts ?? []),
  };
}

async function staticOptions(
  cluster: { cluster: ClusterEntry; folder?: string },
  user: { user: UserEntry; folder?: string } | undefined,
): Promise<RequestOptions> {
  const { Agent } = await import("node:https");
  const credentials = user?.user ?? {};
  const [ca, cert, key] = await Promise.all([
    material(cluster.folder, cluster.cluster["certificate-authority"], cluster.cluster["certificate-authority-data"]),
    material(user?.folder, credentials["client-certificate"], credentials["client-certificate-data"]),
    material(user?.folder, credentials["client-key"], credentials["client-key-data"]),
  ]);
  const tls = {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(cluster.cluster["insecure-skip-tls-verify"] ? { rejectUnauthorized: false } : {}),
    ...(cluster.cluster["tls-server-name"] ? { servername: cluster.cluster["tls-server-name"] } : {}),
  };
  const headers = credentials.token ? { Authorization: `Bearer ${credentials.token}` } : {};
  if (cluster.cluster.server?.startsWith("http://")) return { headers };
  return { ...tls, headers, agent: new Agent({ ...tls, keepAlive: true }) };
}

async function material(folder = ".", file?: string, data?: string): Promise<Buffer | undefined> {
  if (data !== undefined) return Buffer.from(data, "base64");
  if (file === undefined) return undefined;
  try {
    return await readFile(resolve(folder, file));
  } catch (error) {
    throw invalid([file], error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Credential plug-ins, OIDC and proxies are the client library's work; it takes a second to load, so that only those
 * who need it pay for it.
 */
function libraryOptions(files: readonly string[], context: string): () => Promise<RequestOptions> {
  let loading: Promise<(options: RequestOptions) => Promise<void>> | undefined;
  const load = async () => {
    const config = await loadLibraryConfig(files, context);
    return (options: RequestOptions) => config.applyToHTTPSOptions(options);
  };
  return async () => {
    loading ??= load();
    const options: RequestOptions = {};
    await (await loading)(options);
    return options;
  };
}

/** The same kubeconfig and context for the client library. */
export async function loadLibraryConfig(files: readonly string[], context: string) {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const [first, ...rest] = files;
  const config = new KubeConfig();
  config.loadFromFile(first ?? "");
  for (const file of rest) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
  config.setCurrentContext(context);
  return config;
}

function invalid(files: readonly string[], reason: string, cause?: unknown): FrotaError {
  return new FrotaError(
    {
      code: "KUBECONFIG_INVALID",
      message: `the kubeconfig cannot be used: ${reason}`,
      where: { file: files.join(delimiter) },
      next: "check the file with `kubectl config view`, or name another with KUBECONFIG",
      outcome: "usage",
    },
    { cause },
  );
}

function unknownContext(context: string | undefined, config: Kubeconfig, files: readonly string[]): FrotaError {
  const known = (config.contexts ?? []).map((entry) => entry.name);
  return new FrotaError({
    code: "CONTEXT_UNKNOWN",
    message: context === undefined ? "the kubeconfig has no current context" : `the kubeconfig has no context ${context}`,
    where: { file: files.join(delimiter) },
    next: known.length > 0 ? `use one of: ${known.join(", ")}` : "add a context with `kubectl config set-context`",
    outcome: "usage",
  });
}
