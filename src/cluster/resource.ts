import type { KindReference } from "./cluster.ts";

/** Where the API server keeps the objects of a kind. */
export interface Resource {
  /** Plural name as in paths and access rules, for example `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Kinds that every cluster serves, so that they need no discovery request. */
const BUILT_IN: Readonly<Record<string, Resource>> = {
  "v1 Namespace": { plural: "namespaces", namespaced: false },
  "v1 Node": { plural: "nodes", namespaced: false },
  "v1 PersistentVolume": { plural: "persistentvolumes", namespaced: false },
  "v1 PersistentVolumeClaim": { plural: "persistentvolumeclaims", namespaced: true },
  "v1 Pod": { plural: "pods", namespaced: true },
  "v1 ConfigMap": { plural: "configmaps", namespaced: true },
  "v1 Secret": { plural: "secrets", namespaced: true },
  "v1 Service": { plural: "services", namespaced: true },
  "v1 ServiceAccount": { plural: "serviceaccounts", namespaced: true },
  "v1 Event": { plural: "events", namespaced: true },
  "apps/v1 Deployment": { plural: "deployments", namespaced: true },
  "apps/v1 ControllerRevision": { plural: "controllerrevisions", namespaced: true },
  "apps/v1 ReplicaSet": { plural: "replicasets", namespaced: true },
  "coordination.k8s.io/v1 Lease": { plural: "leases", namespaced: true },
  "events.k8s.io/v1 Event": { plural: "events", namespaced: true },
  "networking.k8s.io/v1 NetworkPolicy": { plural: "networkpolicies", namespaced: true },
  "storage.k8s.io/v1 StorageClass": { plural: "storageclasses", namespaced: false },
  "authorization.k8s.io/v1 SelfSubjectAccessReview": { plural: "selfsubjectaccessreviews", namespaced: false },
};

/** `apps/v1 Deployment`: a kind as one string. */
export function kindKey(kind: KindReference): string {
  return `${kind.apiVersion} ${kind.kind}`;
}

/** The kind's resource where every cluster serves it. */
export function builtInResource(kind: KindReference): Resource | undefined {
  return BUILT_IN[kindKey(kind)];
}

/** `/api/v1` or `/apis/<group>/<version>`. */
export function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of a kind's collection, or of one object. */
export function resourcePath(
  apiVersion: string,
  resource: Resource,
  place: { readonly namespace?: string | undefined; readonly name?: string },
): string {
  const parts = [groupVersionPath(apiVersion)];
  if (resource.namespaced && place.namespace !== undefined) {
    parts.push("namespaces", encodeURIComponent(place.namespace));
  }
  parts.push(resource.plural);
  if (place.name !== undefined) parts.push(encodeURIComponent(place.name));
  return parts.join("/");
}

/** The kind's resource in an `APIResourceList`, as discovery answers it. */
export function findResource(discovery: string, kind: string): Resource | undefined {
  const list: { resources?: { name: string; kind: string; namespaced: boolean }[] } = JSON.parse(discovery);
  const found = list.resources?.find((entry) => entry.kind === kind && !entry.name.includes("/"));
  return found && { plural: found.name, namespaced: found.namespaced };
}
