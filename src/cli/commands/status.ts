import { buildCommand } from "@stricli/core";
import { agentArguments, clusterFlags, type ClusterFlags } from "../cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { outputFlag, type OutputFormat } from "../structured-output.ts";

type StatusFlags = ClusterFlags & { readonly output?: OutputFormat };

/** `frota status [agent...]` */
export const statusCommand = buildCommand<StatusFlags, string[], CliContext>({
  parameters: {
    flags: { ...clusterFlags, output: outputFlag },
    aliases: { o: "output", n: "namespace" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show how the agents are, and what is wrong in the cluster's own words",
    fullDescription: [
      "Exit code 0: all are Ready; 1: one is not.",
      "",
      "Examples:",
      "  frota status",
      "  frota status clovis",
      "  frota status --context do-nyc1-production -n bots -o json",
    ].join("\n"),
  },
  async loader() {
    const { showStatus } = await import("../agent-actions.ts");
    return async function status(this: CliContext, flags: StatusFlags, ...agents: string[]) {
      await showStatus(this, flags, agents);
    };
  },
});
