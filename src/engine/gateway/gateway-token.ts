import type { Cluster } from "../../cluster/cluster.ts";
import type { Manifest } from "../../render/manifest.ts";
import { agentNames } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";

/** Environment variable, and key of the agent's Secret, that holds its gateway's token. */
const GATEWAY_TOKEN = "OPENCLAW_GATEWAY_TOKEN";

/** The token that an agent's Secret holds; undefined where there is none. Never to be logged, written or hashed. */
export function tokenIn(secret: Manifest | undefined): string | undefined {
  const encoded = textAt(secret, "data", GATEWAY_TOKEN);
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

/** The token that the agent's gateway asks for. Throws GATEWAY_TOKEN_MISSING. */
export async function gatewayToken(cluster: Pick<Cluster, "get">, namespace: string, agent: string): Promise<string> {
  const name = agentNames({ metadata: { name: agent } }).secret;
  const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name });
  const token = tokenIn(secret);
  if (token !== undefined) return token;
  throw new FrotaError({
    code: "GATEWAY_TOKEN_MISSING",
    message: `the agent's Secret has no ${GATEWAY_TOKEN}, with which one talks to the gateway`,
    where: { kind: "Secret", namespace, name },
    next: `frota secrets status ${agent}`,
  });
}
