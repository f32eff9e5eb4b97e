import type { AccessRequest } from "../../cluster/cluster.ts";
import type { Prerequisite } from "../../plan/prerequisite.ts";
import { concurrently } from "../concurrently.ts";
import type { ExaminedCluster } from "./cluster-checks.ts";
import { examine } from "./examine.ts";

/** What `apply`, `diff`, `status`, `logs`, `chat`, `restart`, `delete` and `secrets` do, by API group and resource. */
const NAMESPACED: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ["", "configmaps", ["get", "list", "create", "patch"]],
  ["", "serviceaccounts", ["get", "list", "create", "patch"]],
  ["", "services", ["get", "list", "create", "patch"]],
  ["", "persistentvolumeclaims", ["get", "list", "watch", "create", "patch"]],
  ["", "pods", ["get", "list", "watch"]],
  ["", "pods/log", ["get"]],
  ["", "pods/portforward", ["create"]],
  ["", "events", ["list", "watch"]],
  ["", "secrets", ["get"]],
  ["apps", "deployments", ["get", "list", "watch", "create", "patch", "delete"]],
  ["apps", "replicasets", ["list", "watch"]],
  ["networking.k8s.io", "networkpolicies", ["get", "list", "create", "patch"]],
  ["policy", "poddisruptionbudgets", ["get", "list", "create", "patch"]],
  ["external-secrets.io", "externalsecrets", ["get", "list", "watch", "create", "patch"]],
  ["external-secrets.io", "secretstores", ["get", "list", "create", "patch"]],
];

const CLUSTER_WIDE: typeof NAMESPACED = [
  ["", "namespaces", ["get", "create", "patch"]],
  ["admissionregistration.k8s.io", "validatingadmissionpolicies", ["get", "create", "patch"]],
  ["admissionregistration.k8s.io", "validatingadmissionpolicybindings", ["get", "create", "patch"]],
];

/** Asks the API server, by SelfSubjectAccessReview, whether this user may do what Frota's commands do. */
export async function permissionCheck({ cluster, namespace }: ExaminedCluster): Promise<Prerequisite> {
  return examine({ id: "cluster.permissions", title: "Permissions" }, async () => {
    const requests = [...requestsOf(NAMESPACED, namespace), ...requestsOf(CLUSTER_WIDE, undefined)];
    const answers = await concurrently(requests, 12, (request) => cluster.canI(request));
    const refused = requests.filter((_request, index) => !answers[index]);
    if (refused.length === 0) return { status: "ok", detail: `all ${requests.length} that the commands need` };
    const next = `ask for a Role in ${namespace} (and a ClusterRole for what is cluster-wide) with them`;
    return { status: "missing", detail: `this user may not: ${summarize(refused)}`, next };
  });
}

function requestsOf(rules: typeof NAMESPACED, namespace: string | undefined): AccessRequest[] {
  return rules.flatMap(([group, path, verbs]) => {
    const [resource = path, subresource] = path.split("/");
    const common = { group, resource, ...(subresource !== undefined && { subresource }), ...(namespace !== undefined && { namespace }) };
    return verbs.map((verb) => Object.assign({ verb }, common));
  });
}

/** `create, patch deployments; get secrets` */
export function summarize(refused: readonly AccessRequest[]): string {
  const byResource = Map.groupBy(refused, ({ resource, subresource }) => (subresource ? `${resource}/${subresource}` : resource));
  return [...byResource].map(([resource, requests]) => `${requests.map(({ verb }) => verb).join(", ")} ${resource}`).join("; ");
}
