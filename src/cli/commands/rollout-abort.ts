import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, dryRunFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { RolloutFlags } from "../operations/operated-actions.ts";

/** `frota rollout abort` */
export const rolloutAbortCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag, dryRun: dryRunFlag }, aliases: { n: "namespace" } },
  docs: {
    brief: "Give the present rollout up: agents that moved go back",
    fullDescription: [
      "They go back to their previous image, one wave after another, where their state allows it. The image is not tried again before",
      "`frota rollout start`.",
      "Exit code 0: the controller has taken it up; 4: there is nothing to abort; 7: no controller is live.",
      "",
      "Examples:",
      "  frota rollout abort",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operations/operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "abort");
    };
  },
});
