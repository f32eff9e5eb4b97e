import { buildCommand } from "@stricli/core";
import { channelFlag, clusterFlags, dryRunFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { RolloutFlags } from "../operations/operated-actions.ts";

/** `frota rollout undo` */
export const rolloutUndoCommand = buildCommand<RolloutFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, channel: channelFlag, dryRun: dryRunFlag }, aliases: { n: "namespace" } },
  docs: {
    brief: "Go back to the image before the present one",
    fullDescription: [
      "Also after a rollout is complete: every agent moves to the image before it, one wave after another, where its state allows it.",
      "Exit code 0: the controller has taken it up; 4: there is nothing to undo; 7: no controller is live.",
      "",
      "Examples:",
      "  frota rollout undo",
    ].join("\n"),
  },
  async loader() {
    const { requestRollout } = await import("../operations/operated-actions.ts");
    return async function rollout(this: CliContext, flags: RolloutFlags) {
      await requestRollout(this, flags, "undo");
    };
  },
});
