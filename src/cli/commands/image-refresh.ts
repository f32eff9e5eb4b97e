import { buildCommand } from "@stricli/core";
import { clusterFlags, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

/** `frota image refresh` */
export const imageRefreshCommand = buildCommand<ClusterFlags, [], CliContext>({
  parameters: { flags: clusterFlags, aliases: { n: "namespace" } },
  docs: {
    brief: "Ask the registry now what the tags mean, instead of at the next check",
    fullDescription: [
      "One check for the whole fleet. A new digest then rolls out in waves; see `frota rollout status`.",
      "Exit code 0: the controller has asked; 7: no controller is live.",
      "",
      "Examples:",
      "  frota image refresh",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operations/operated-actions.ts");
    return async function refresh(this: CliContext, flags: ClusterFlags) {
      await requestRollout(this, { ...flags, dryRun: false }, "refresh");
    };
  },
});
