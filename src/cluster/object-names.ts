import { mapsAt, textsAt } from "../spec/plain-field.ts";
import { apiError } from "./api-error.ts";
import type { KindReference, KubeconfigSelection, Selection } from "./cluster.ts";
import { loadConnection } from "./kubeconfig.ts";
import { builtInResource, resourcePath } from "./resource.ts";
import { send } from "./transport.ts";

/** Rows of names and a few words, a tenth of the objects themselves. */
const TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1";

/**
 * Names of objects of a kind that every cluster serves, in one request that costs the API server little; for who has a tenth of a second, and
 * may be told of what was there a moment ago. Undefined where getting credentials alone takes longer. Throws as `Cluster` does, and
 * what `signal` aborts with.
 */
export async function objectNames(
  cluster: KubeconfigSelection,
  { kind, selection }: { readonly kind: KindReference; readonly selection: Selection },
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const resource = builtInResource(kind);
  const connection = await loadConnection(cluster);
  if (!resource || connection.isSlow) return undefined;
  const subject = { context: connection.context, server: connection.server, verb: "list" };
  const path = resourcePath(kind.apiVersion, resource, { namespace: selection.namespace });
  const query = { labelSelector: selection.labelSelector, includeObject: "None", resourceVersion: "0" };
  const { status, body } = await send(connection, { method: "GET", path, query, accept: TABLE, signal, subject });
  if (status >= 300) throw apiError(status, body, subject);
  // A table's first column is the name.
  return mapsAt(JSON.parse(body), "rows").map((row) => textsAt(row, "cells")[0] ?? "");
}
