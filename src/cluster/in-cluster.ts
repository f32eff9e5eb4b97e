import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import { join } from "node:path";
import { FrotaError } from "../spec/error.ts";
import type { Connection } from "./kubeconfig.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
/** The kubelet renews the token long before it expires; client-go reads it once a minute. */
const TOKEN_AGE = 60_000;

/** The connection of a pod by its service account. Throws FrotaError NOT_IN_CLUSTER. */
export async function inClusterConnection(env: Readonly<Record<string, string | undefined>>, folder = FOLDER): Promise<Connection> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  const ca = await readFile(join(folder, "ca.crt")).catch(() => undefined);
  if (!host || !port || !ca) throw notInCluster(folder);
  const agent = new Agent({ ca, keepAlive: true });
  let token = "";
  let readAt = -Infinity;
  return {
    context: "in-cluster",
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    files: [],
    async options() {
      if (performance.now() - readAt > TOKEN_AGE) {
        token = (await readFile(join(folder, "token"), "utf8")).trim();
        readAt = performance.now();
      }
      return { ca, agent, headers: { Authorization: `Bearer ${token}` } };
    },
  };
}

function notInCluster(folder: string): FrotaError {
  return new FrotaError({
    code: "NOT_IN_CLUSTER",
    message: `this process does not run in a pod with a service account: no ${folder}/ca.crt or no KUBERNETES_SERVICE_HOST`,
    next: "outside of a cluster leave --in-cluster away and name the cluster with --context",
    outcome: "usage",
  });
}
