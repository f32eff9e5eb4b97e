import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, type ClusterFlags } from "../cluster-flags.ts";
import type { CliContext } from "../context.ts";

type RolloutFlags = ClusterFlags & { readonly channel?: string };

/** `frota rollout resume` */
export const rolloutResumeCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag }, aliases: { n: "namespace" } },
  docs: {
    brief: "Go on with a paused rollout",
    fullDescription: [
      "Exit code 0: the controller has taken it up; 4: there is nothing to resume; 7: no controller is live.",
      "",
      "Examples:",
      "  frota rollout resume",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "resume");
    };
  },
});
