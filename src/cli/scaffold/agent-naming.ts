import type { AgentChoices } from "../../render/scaffold-agent.ts";
import { nameSchema } from "../../spec/agent.ts";
import { deriveName } from "../../spec/agent-name.ts";
import { FrotaError } from "../../spec/error.ts";

/**
 * The name of a new agent, and what people call it, out of what was typed: `Clóvis` is `clovis` to Kubernetes.
 * Throws AGENT_NAME_INVALID.
 */
export function agentNames(typed: string, displayName?: string): Pick<AgentChoices, "name" | "displayName"> {
  const text = typed.trim();
  const isName = nameSchema.safeParse(text).success;
  const name = isName ? text : deriveName(text);
  if (name === undefined) {
    throw new FrotaError({
      code: "AGENT_NAME_INVALID",
      message: `no name for Kubernetes comes of \`${text}\`: it has lower-case letters from a to z, digits and hyphens, at most 40 characters`,
      next: `give one, and this as what people call it: frota new NAME --display-name '${text.replaceAll("'", "")}'`,
      outcome: "usage",
    });
  }
  const shown = displayName ?? (isName ? undefined : text);
  return shown === undefined || shown === name ? { name } : { name, displayName: shown };
}
