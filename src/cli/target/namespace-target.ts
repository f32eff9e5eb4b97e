import { connect, type Cluster } from "../../cluster/cluster.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ClusterFlags } from "./cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { glanceAtRepository } from "./repository-glance.ts";
import { resolveTarget, type Target } from "./target.ts";

/** A cluster and the namespace that a fleet has there. */
export interface NamespaceTarget {
  readonly target: Target;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Names of the agents in the repository, when there is one. */
  readonly declared: readonly string[];
}

/**
 * Connects to the cluster that a command works on, for commands that do not render: of the repository only the namespace and
 * the agents' folders are read, so that they start fast and work without one.
 */
export async function openNamespace(context: CliContext, flags: ClusterFlags): Promise<NamespaceTarget> {
  const target = await resolveTarget(flags, context.process.env);
  const [cluster, repository] = await Promise.all([connect(target.kubeconfig), glanceAtRepository(context.cwd, flags.repo)]);
  const namespace = await chooseNamespace(cluster, flags, repository?.namespace);
  return { target, cluster, namespace, declared: namespace === repository?.namespace ? repository.agents : [] };
}

/**
 * The namespace that `-n` names, else the repository's `own`. Of the one that is named the cluster is asked whether it has it, for a mistyped
 * namespace would look like a fleet in which nothing is wrong, or everything; that `own` is not there, commands tell themselves. Throws
 * NO_NAMESPACE (usage), and NAMESPACE_UNKNOWN (usage), and closes the connection then; who may not read namespaces is believed, and so is who
 * has no cluster.
 */
export async function chooseNamespace(cluster: Cluster | undefined, { namespace }: Pick<ClusterFlags, "namespace">, own: string | undefined): Promise<string> {
  try {
    const chosen = namespace ?? own;
    if (chosen === undefined) throw noNamespace();
    if (cluster && chosen !== own) await requireNamespace(cluster, chosen);
    return chosen;
  } catch (error) {
    cluster?.close();
    throw error;
  }
}

async function requireNamespace(cluster: Cluster, name: string): Promise<void> {
  try {
    if ((await cluster.get({ apiVersion: "v1", kind: "Namespace", name })) !== undefined) return;
  } catch (error) {
    if (error instanceof FrotaError && error.code === "FORBIDDEN") return;
    throw error;
  }
  throw new FrotaError({
    code: "NAMESPACE_UNKNOWN",
    message: `the cluster has no namespace ${name}`,
    next: "kubectl get namespaces",
    outcome: "usage",
  });
}

/** NO_NAMESPACE (usage): neither a flag nor a repository names one. */
export function noNamespace(): FrotaError {
  return new FrotaError({
    code: "NO_NAMESPACE",
    message: "there is no fleet repository here that names the fleet's namespace",
    next: "name it with -n NAMESPACE, or the repository with --repo DIR",
    outcome: "usage",
  });
}
