import { randomBytes } from "node:crypto";
import type { Cluster } from "../../cluster/cluster.ts";
import { SECRET_KEY } from "../../render/names.ts";
import type { Manifest } from "../../render/manifest.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";

const FIELD = "key";

/** The key of the namespace's HMACs; made once, by whoever comes first. Never to be printed. Throws SECRET_KEY_INVALID. */
export async function secretKey(cluster: Cluster, namespace: string): Promise<Uint8Array> {
  const reference = { apiVersion: "v1", kind: "Secret", namespace, name: SECRET_KEY };
  const present = (await cluster.get(reference)) ?? (await makeKey(cluster, namespace)) ?? (await cluster.get(reference));
  const key = presentKey(present);
  if (key) return key;
  throw new FrotaError({
    code: "SECRET_KEY_INVALID",
    message: `the Secret ${SECRET_KEY} has no key of 32 bytes or more`,
    where: { kind: "Secret", namespace, name: SECRET_KEY },
    next: "delete it and start the controller again: every agent is then restarted once, one after another",
  });
}

/** The key that its Secret holds; undefined for one that is no key. Never to be printed. */
export function presentKey(secret: Manifest | undefined): Uint8Array | undefined {
  const key = Buffer.from(textAt(secret, "data", FIELD) ?? "", "base64");
  return key.length >= 32 ? key : undefined;
}

/** Undefined: somebody was faster. */
async function makeKey(cluster: Cluster, namespace: string): Promise<Manifest | undefined> {
  const metadata = { name: SECRET_KEY, namespace, labels: { "app.kubernetes.io/managed-by": "frota", "app.kubernetes.io/component": "fleet" } };
  const data = { [FIELD]: randomBytes(32).toString("base64") };
  try {
    return await cluster.create({ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data });
  } catch (error) {
    if (error instanceof FrotaError && error.code === "CONFLICT") return undefined;
    throw error;
  }
}
