import { textAt } from "../spec/plain-field.ts";
import type { GatewayClient } from "./client.ts";

/** What a gateway says when it is asked to stand still. */
export type Suspension =
  /** It takes no new work until `expiresAt` (ms since the epoch, 120 s ahead), or until {@link resumeGateway}. */
  | { readonly state: "suspended"; readonly suspensionId: string; readonly expiresAt: number }
  /** It has work, in its own words, and goes on as before. */
  | { readonly state: "busy"; readonly work: readonly string[] };

/**
 * Asks a gateway to stand still (RPC `gateway.suspend.prepare`): the only call that tells running turns exactly. An idle
 * one refuses new work with 503 and `/readyz` fails from then on: only for when it is about to be stopped.
 */
export async function suspendGateway(gateway: GatewayClient, requestId: string): Promise<Suspension> {
  const { status, suspensionId, expiresAtMs, blockers } = await gateway.rpc("gateway.suspend.prepare", { requestId });
  if (status === "ready" && typeof suspensionId === "string") {
    return { state: "suspended", suspensionId, expiresAt: typeof expiresAtMs === "number" ? expiresAtMs : 0 };
  }
  const listed: readonly unknown[] = Array.isArray(blockers) ? blockers : [];
  const work = listed.map((blocker) => textAt(blocker, "message") ?? textAt(blocker, "kind") ?? "work");
  return { state: "busy", work };
}

/** Lets a suspended gateway work again; harmless when it does already. */
export async function resumeGateway(gateway: GatewayClient, suspensionId: string): Promise<void> {
  await gateway.rpc("gateway.suspend.resume", { suspensionId });
}
