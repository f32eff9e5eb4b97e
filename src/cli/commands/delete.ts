import { buildCommand } from "@stricli/core";
import { clusterFlags, dryRunFlag, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

type DeleteFlags = ClusterFlags & { readonly yes: boolean; readonly dryRun: boolean };

/** `frota delete <agent>` */
export const deleteCommand = buildCommand<DeleteFlags, [string], CliContext>({
  parameters: {
    flags: { ...clusterFlags, yes: { kind: "boolean", default: false, brief: "Do not ask for a confirmation" }, dryRun: dryRunFlag },
    aliases: { n: "namespace" },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Agent to delete", parse: String, placeholder: "agent" }],
    },
  },
  docs: {
    brief: "Delete an agent from the cluster; its volume is always kept",
    fullDescription: [
      "Deletes its Deployment, Service, ServiceAccount, NetworkPolicy, ConfigMaps, and the ExternalSecret with the Secret that came",
      "of it. The volume and what is in Vault stay: applying the agent again brings it back with its memory.",
      "Exit code 0: deleted; 4: not confirmed, or there is no such agent; nothing was changed.",
      "",
      "Examples:",
      "  frota delete clovis --dry-run",
      "  frota delete clovis",
      "  frota delete clovis --yes",
    ].join("\n"),
  },
  async loader() {
    const { remove } = await import("../operations/agent-actions.ts");
    return async function deleteAgent(this: CliContext, flags: DeleteFlags, agent: string) {
      await remove(this, flags, agent);
    };
  },
});
