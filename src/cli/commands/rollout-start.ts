import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, dryRunFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { RolloutFlags } from "../operations/operated-actions.ts";

/** `frota rollout start` */
export const rolloutStartCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag, dryRun: dryRunFlag }, aliases: { n: "namespace" } },
  docs: {
    brief: "Roll an image out again that failed, was aborted or undone",
    fullDescription: [
      "That which the tag means now, as far as the registry was asked: `frota image refresh` asks it at once. Of an image that is out",
      "already, agents that failed on it try it again.",
      "Exit code 0: the controller has taken it up; 4: there is nothing to start; 7: no controller is live.",
      "",
      "Examples:",
      "  frota rollout start",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operations/operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "start");
    };
  },
});
