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
  const namespace = flags.namespace ?? repository?.namespace;
  if (namespace !== undefined) {
    await assertNamespace(cluster, flags.namespace, repository?.namespace);
    return { target, cluster, namespace, declared: namespace === repository?.namespace ? repository.agents : [] };
  }
  throw new FrotaError({
    code: "NO_NAMESPACE",
    message: "there is no fleet repository here that names the fleet's namespace",
    next: "name it with -n NAMESPACE, or the repository with --repo DIR",
    outcome: "usage",
  });
}

/**
 * A mistyped namespace would look like a fleet in which nothing is wrong, or everything. Looks for the one that `-n` names, unless it is
 * the repository's `own`, whose absence commands tell themselves. Throws NAMESPACE_UNKNOWN (usage), and closes the connection then; who
 * may not read namespaces is believed.
 */
export async function assertNamespace(cluster: Cluster, name: string | undefined, own: string | undefined): Promise<void> {
  if (name === undefined || name === own) return;
  try {
    if ((await cluster.get({ apiVersion: "v1", kind: "Namespace", name })) !== undefined) return;
  } catch (error) {
    if (error instanceof FrotaError && error.code === "FORBIDDEN") return;
    cluster.close();
    throw error;
  }
  cluster.close();
  throw new FrotaError({
    code: "NAMESPACE_UNKNOWN",
    message: `the cluster has no namespace ${name}`,
    next: "kubectl get namespaces",
    outcome: "usage",
  });
}
