import { randomUUID } from "node:crypto";
import type { GatewayClient } from "./client.ts";

/**
 * Whether a gateway has work, exactly: turns, background tasks, queued messages (RPC `gateway.suspend.prepare`, about 0.1 s). OpenClaw
 * tells it only to whoever asks it to stand still: an idle one refuses new work with 503 until it is let go again, here at once, and by
 * itself after 120 s. So ask only when it is to be stopped.
 */
export async function hasWork(gateway: GatewayClient): Promise<boolean> {
  const { status, suspensionId } = await gateway.rpc("gateway.suspend.prepare", { requestId: `frota-${randomUUID()}` });
  if (status !== "ready") return true;
  await gateway.rpc("gateway.suspend.resume", { suspensionId });
  return false;
}
