import type { AgentDefinition } from "../../decide/removal.ts";
import type { Manifest } from "../../render/manifest.ts";

/** What is kept of the definition of Agents. */
export function slimDefinition({ metadata }: Manifest): AgentDefinition {
  return { uid: String(metadata["uid"]), isTerminating: metadata["deletionTimestamp"] !== undefined };
}
