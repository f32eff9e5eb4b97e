import { readFile, writeFile } from "node:fs/promises";
import { inject } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { textAt } from "../../src/spec/plain-field.ts";

/** Writes to `path` the tests' kubeconfig with a token of a service account, as a pod of it has one; returns the path. */
export async function kubeconfigOf(cluster: Cluster, account: { readonly namespace: string; readonly name: string }, path: string): Promise<string> {
  const config = JSON.parse(await readFile(inject("kubeconfig"), "utf8"));
  config.users[0].user = { token: await tokenOf(cluster, account) };
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function tokenOf(cluster: Cluster, { namespace, name: account }: { readonly namespace: string; readonly name: string }): Promise<string> {
  const name = `${account}-token`;
  const metadata = { name, namespace, annotations: { "kubernetes.io/service-account.name": account } };
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/service-account-token" });
  const abort = new AbortController();
  for await (const event of cluster.watch({ apiVersion: "v1", kind: "Secret" }, { namespace, fieldSelector: `metadata.name=${name}` }, abort.signal)) {
    const [secret] = event.type === "synced" ? event.objects : event.type === "changed" ? [event.object] : [];
    const token = textAt(secret, "data", "token");
    if (token === undefined) continue;
    abort.abort();
    return Buffer.from(token, "base64").toString("utf8");
  }
  throw new Error("no token was made");
}
