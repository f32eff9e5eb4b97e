import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, type ClusterFlags } from "../cluster-flags.ts";
import type { CliContext } from "../context.ts";

type RolloutFlags = ClusterFlags & { readonly channel?: string };

/** `frota rollout start` */
export const rolloutStartCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag }, aliases: { n: "namespace" } },
  docs: {
    brief: "Roll the channel's image out (again), also one that failed",
    fullDescription: [
      "Asks the registry what the tag means now, and lets that image roll out even if it failed, was aborted or undone before.",
      "Exit code 0: the controller has taken it up; 7: no controller is live.",
      "",
      "Examples:",
      "  frota rollout start",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "start");
    };
  },
});
