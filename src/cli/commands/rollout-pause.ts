import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, dryRunFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { RolloutFlags } from "../operations/operated-actions.ts";

/** `frota rollout pause` */
export const rolloutPauseCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag, dryRun: dryRunFlag }, aliases: { n: "namespace" } },
  docs: {
    brief: "Let no further agent move to the new image",
    fullDescription: [
      "Agents that are under way finish. Restarts for configuration and secrets go on.",
      "With nothing under way it holds the next image back; `frota rollout status` shows it until `frota rollout resume`.",
      "Exit code 0: the controller has taken it up; 4: it is paused already; 7: no controller is live.",
      "",
      "Examples:",
      "  frota rollout pause",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operations/operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "pause");
    };
  },
});
