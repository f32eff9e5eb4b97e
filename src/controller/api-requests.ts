import type { ApiAnswer } from "../cluster/cluster.ts";

/** Labels that a request to the API server is counted under: a few dozen in all. */
export interface ApiRequestLabels {
  readonly verb: string;
  /** Plural name of the resource, with its subresource. */
  readonly kind: string;
  readonly code: string;
}

const VERBS: Readonly<Record<ApiAnswer["method"], string>> = { GET: "get", POST: "create", PATCH: "patch", DELETE: "delete" };

/** Names the resource and what was done to it, without the names of objects. */
export function apiRequestLabels({ method, path, isWatch, status }: ApiAnswer): ApiRequestLabels {
  const parts = path.split("/").filter((part) => part !== "");
  const rest = parts[0] === "apis" ? parts.slice(3) : parts.slice(2);
  const isNamespaced = rest[0] === "namespaces" && rest.length > 2;
  const [resource = "discovery", name, subresource] = isNamespaced ? rest.slice(2) : rest;
  const verb = isWatch ? "watch" : method === "GET" && name === undefined ? "list" : VERBS[method];
  return { verb, kind: subresource === undefined ? resource : `${resource}/${subresource}`, code: String(status) };
}
