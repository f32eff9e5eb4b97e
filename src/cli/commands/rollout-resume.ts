import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, dryRunFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { RolloutFlags } from "../operations/operated-actions.ts";

/** `frota rollout resume` */
export const rolloutResumeCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag, dryRun: dryRunFlag }, aliases: { n: "namespace" } },
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
    const { requestRollout } = await import("../operations/operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "resume");
    };
  },
});
