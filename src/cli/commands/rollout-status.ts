import { buildCommand } from "@stricli/core";
import { clusterFlags, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { outputFlag, type OutputFormat } from "../terminal/structured-output.ts";

type StatusFlags = ClusterFlags & { readonly output?: OutputFormat; readonly watch: boolean };

/** `frota rollout status` */
export const rolloutStatusCommand = buildCommand<StatusFlags, [], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      output: outputFlag,
      watch: { kind: "boolean", default: false, brief: "Follow until every rollout is complete or halted" },
    },
    aliases: { n: "namespace", o: "output", w: "watch" },
  },
  docs: {
    brief: "Show the waves of each rollout, and why one waits or halted",
    fullDescription: [
      "RollingBack: a newer image was aborted or undone, and agents go back to this one. Held: what the tag means is not rolled out.",
      "Exit code 0: every agent runs its image; 1: a rollout is under way, halted, paused or held.",
      "",
      "Examples:",
      "  frota rollout status",
      "  frota rollout status --watch",
    ].join("\n"),
  },
  async loader() {
    const { showRollouts } = await import("../status/rollout-view.ts");
    return async function rolloutStatus(this: CliContext, flags: StatusFlags) {
      await showRollouts(this, flags);
    };
  },
});
