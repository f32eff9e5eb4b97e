import type { OutgoingHttpHeaders } from "node:http";
import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { FrotaError } from "../spec/error.ts";
import { isWorthCompressing } from "./compression.ts";
import type { KubeconfigSelection, OnAnswer } from "./cluster.ts";

/** TLS material, agent and headers of one request. */
export type ConnectionOptions = Omit<RequestOptions, "headers"> & { headers: OutgoingHttpHeaders };

/** How to reach an API server as a user. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  /** Called for each request, because tokens expire. */
  options(): Promise<ConnectionOptions>;
  /** Whether the credentials come from a program or a provider, which takes a second or more. */
  readonly isSlow?: boolean;
  /** Whole answers are asked for compressed. */
  readonly isCompressed?: boolean;
  /** Files to hand to the full client library. */
  readonly files: readonly string[];
  readonly onAnswer?: OnAnswer;
}

interface ClusterEntry {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
  "proxy-url"?: string;
  "disable-compression"?: boolean;
}

interface UserEntry {
  token?: string;
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  [key: string]: unknown;
}

/** A named entry, and the folder that its relative paths start at. */
type Located<Key extends string, Entry> = { name: string; folder?: string } & Record<Key, Entry>;

interface KubeconfigFile {
  "current-context"?: string;
  clusters?: Located<"cluster", ClusterEntry>[];
  users?: Located<"user", UserEntry>[];
  contexts?: { name: string; context: { cluster: string; user: string } }[];
}

interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: Located<"cluster", ClusterEntry>[];
  readonly users: Located<"user", UserEntry>[];
  readonly contexts: { name: string; context: { cluster: string; user: string } }[];
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
  const context = selection.context ?? config.currentContext;
  const entry = config.contexts.find((candidate) => candidate.name === context);
  if (context === undefined || entry === undefined) throw unknownContext(context, config, files);
  const cluster = config.clusters.find((candidate) => candidate.name === entry.context.cluster);
  const user = config.users.find((candidate) => candidate.name === entry.context.user);
  if (!cluster?.cluster.server) throw invalid(files, `its context ${context} names no cluster with a server`);
  const server = cluster.cluster.server.replace(/\/$/, "");
  const base = { context, server, files, isCompressed: isWorthCompressing(server) && cluster.cluster["disable-compression"] !== true };
  if (!isStatic(cluster, user)) return { ...base, options: libraryOptions(files, context), isSlow: true };
  const options = await staticOptions(cluster, user);
  return { ...base, options: () => Promise.resolve(options) };
}

/** Names of the contexts that a kubeconfig has. Throws FrotaError KUBECONFIG_INVALID. */
export async function contextNames(path: string | undefined): Promise<string[]> {
  const { contexts } = merge(await Promise.all(kubeconfigFiles(path).map(readKubeconfig)));
  return [...new Set(contexts.map(({ name }) => name))];
}

function isStatic({ cluster }: Located<"cluster", ClusterEntry>, user: Located<"user", UserEntry> | undefined): boolean {
  return cluster["proxy-url"] === undefined && Object.keys(user?.user ?? {}).every((key) => STATIC_USER_KEYS.has(key));
}

function kubeconfigFiles(path: string | undefined): string[] {
  const list = path ?? process.env["KUBECONFIG"];
  const files = (list ?? "").split(delimiter).filter((file) => file !== "");
  return files.length > 0 ? files : [join(homedir(), ".kube", "config")];
}

async function readKubeconfig(file: string): Promise<Kubeconfig> {
  let config: KubeconfigFile | null;
  try {
    config = parse(await readFile(file, "utf8"));
  } catch (error) {
    throw isMissing(error) ? missing(file) : invalid([file], firstLine(error), error);
  }
  const { clusters, users, contexts, "current-context": currentContext } = config ?? {};
  const folder = dirname(resolve(file));
  for (const entry of [...(clusters ?? []), ...(users ?? [])]) entry.folder = folder;
  return { currentContext, clusters: clusters ?? [], users: users ?? [], contexts: contexts ?? [] };
}

/** The first file that names something wins, as in kubectl. */
function merge(configs: readonly Kubeconfig[]): Kubeconfig {
  return {
    currentContext: configs.map((config) => config.currentContext).find((name) => name !== undefined),
    clusters: configs.flatMap((config) => config.clusters),
    users: configs.flatMap((config) => config.users),
    contexts: configs.flatMap((config) => config.contexts),
  };
}

async function staticOptions(
  cluster: Located<"cluster", ClusterEntry>,
  user: Located<"user", UserEntry> | undefined,
): Promise<ConnectionOptions> {
  const token = user?.user.token;
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (cluster.cluster.server?.startsWith("http://")) return { headers };
  const tls = { ...(await serverTrust(cluster)), ...(await clientCertificate(user)) };
  return { ...tls, headers, agent: new Agent({ ...tls, keepAlive: true }) };
}

async function serverTrust({ cluster, folder }: Located<"cluster", ClusterEntry>): Promise<AgentOptions> {
  const ca = await material(folder, cluster["certificate-authority"], cluster["certificate-authority-data"]);
  const servername = cluster["tls-server-name"];
  const rejectUnauthorized = cluster["insecure-skip-tls-verify"] !== true;
  return { ...(ca && { ca }), ...(servername && { servername }), rejectUnauthorized };
}

async function clientCertificate(entry: Located<"user", UserEntry> | undefined): Promise<AgentOptions> {
  if (!entry) return {};
  const { folder, user } = entry;
  const [cert, key] = await Promise.all([
    material(folder, user["client-certificate"], user["client-certificate-data"]),
    material(folder, user["client-key"], user["client-key-data"]),
  ]);
  return { ...(cert && { cert }), ...(key && { key }) };
}

async function material(folder = ".", file?: string, data?: string): Promise<Buffer | undefined> {
  if (data !== undefined) return Buffer.from(data, "base64");
  if (file === undefined) return undefined;
  try {
    return await readFile(resolve(folder, file));
  } catch (error) {
    throw isMissing(error) ? missing(file) : invalid([file], firstLine(error), error);
  }
}

/**
 * Credential plug-ins, OIDC and proxies are the client library's work; it takes a second to load, so that only those
 * who need it pay for it.
 */
function libraryOptions(files: readonly string[], context: string): () => Promise<ConnectionOptions> {
  let loading: ReturnType<typeof loadLibraryConfig> | undefined;
  return async () => {
    loading ??= loadLibraryConfig(files, context);
    const options: ConnectionOptions = { headers: {} };
    await (await loading).applyToHTTPSOptions(options);
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

function missing(file: string): FrotaError {
  return new FrotaError({
    code: "KUBECONFIG_INVALID",
    message: "there is no kubeconfig",
    where: { file },
    next: "have one written for your cluster (DigitalOcean: `doctl kubernetes cluster kubeconfig save NAME`), or name another file with KUBECONFIG",
    outcome: "usage",
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** A YAML error goes on with a picture of the place, which may show a token. */
function firstLine(error: unknown): string {
  return ((error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "").replace(/:$/, "");
}

function unknownContext(context: string | undefined, config: Kubeconfig, files: readonly string[]): FrotaError {
  const known = config.contexts.map((entry) => entry.name);
  return new FrotaError({
    code: "CONTEXT_UNKNOWN",
    message: context === undefined ? "the kubeconfig has no current context" : `the kubeconfig has no context ${context}`,
    where: { file: files.join(delimiter) },
    next: known.length > 0 ? `use one of: ${known.join(", ")}` : "add a context with `kubectl config set-context`",
    outcome: "usage",
  });
}
