import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { contextNames } from "../../cluster/kubeconfig.ts";
import type { KindReference, KubeconfigSelection, Selection } from "../../cluster/cluster.ts";
import { objectNames } from "../../cluster/object-names.ts";
import { labLayout, labName } from "../../lab/layout.ts";
import { runningKubeconfig } from "../../lab/running-kubeconfig.ts";
import type { CliContext } from "../context.ts";
import { glanceAtRepository } from "../target/repository-glance.ts";

/** Flags that stand before the word to complete, and decide what it may be. */
export interface TypedFlags {
  readonly context?: string;
  readonly namespace?: string;
  readonly repo?: string;
  readonly lab?: string;
}

/** Milliseconds that the API server has for its answer. */
const PATIENCE = 100;
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };
const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
/** What every agent's Deployment carries. */
const AGENTS = "app.kubernetes.io/name=openclaw,app.kubernetes.io/managed-by=frota";

/** Agents of the cluster, if it answers at once, and of the repository. Never throws. */
export async function knownAgents(context: CliContext, typed: TypedFlags): Promise<readonly string[]> {
  const repository = await glanceAtRepository(context.cwd, typed.repo).catch(() => undefined);
  const namespace = typed.namespace ?? repository?.namespace;
  const isDeclaredThere = namespace === repository?.namespace;
  const live = namespace === undefined ? [] : await liveNames(context, typed, { kind: DEPLOYMENT, selection: { namespace, labelSelector: AGENTS } });
  return [...new Set([...live, ...(isDeclaredThere ? (repository?.agents ?? []) : [])])].sort();
}

/** Namespaces of the cluster, if it answers at once, and the repository's own. Never throws. */
export async function knownNamespaces(context: CliContext, typed: TypedFlags): Promise<readonly string[]> {
  const [repository, live] = await Promise.all([
    glanceAtRepository(context.cwd, typed.repo).catch(() => undefined),
    liveNames(context, typed, { kind: NAMESPACE, selection: {} }),
  ]);
  return [...new Set([...live, ...(repository?.namespace === undefined ? [] : [repository.namespace])])].sort();
}

/** Contexts of the kubeconfig. Never throws. */
export async function knownContexts(context: CliContext): Promise<readonly string[]> {
  return contextNames(context.process.env["KUBECONFIG"]).catch(() => []);
}

/** Labs of this machine, running or not. Never throws. */
export async function knownLabs(context: CliContext): Promise<readonly string[]> {
  return readdir(dirname(labLayout("default", context.process.env).data)).catch(() => []);
}

interface Listed {
  readonly kind: KindReference;
  readonly selection: Selection;
}

async function liveNames(context: CliContext, typed: TypedFlags, listed: Listed): Promise<readonly string[]> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE)]);
  try {
    const cluster = await chosenCluster(context, typed);
    return (cluster && (await objectNames(cluster, listed, signal))) ?? [];
  } catch {
    return [];
  }
}

/** As `resolveTarget` chooses; undefined where no cluster is named and no lab runs. */
async function chosenCluster({ process: { env } }: CliContext, typed: TypedFlags): Promise<KubeconfigSelection | undefined> {
  const context = typed.context ?? env["FROTA_CONTEXT"];
  if (context !== undefined) return { context, ...(env["KUBECONFIG"] ? { path: env["KUBECONFIG"] } : {}) };
  const path = await runningKubeconfig(labLayout(typed.lab ?? labName(env), env));
  return path === undefined ? undefined : { path };
}
