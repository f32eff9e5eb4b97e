import { buildCommand } from "@stricli/core";
import { clusterFlags, dryRunFlag, parseSeconds, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

type FreezeFlags = ClusterFlags & { readonly for?: number; readonly reason?: string; readonly end: boolean; readonly dryRun: boolean };

/** `frota freeze --for SPAN|--end` */
export const freezeCommand = buildCommand<FreezeFlags, [], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      for: { kind: "parsed", parse: parseSeconds, optional: true, brief: "How long, for example 2h", placeholder: "span" },
      reason: { kind: "parsed", parse: String, optional: true, brief: "Shown to whoever waits for its end", placeholder: "text" },
      end: { kind: "boolean", default: false, brief: "End the freeze now" },
      dryRun: dryRunFlag,
    },
    aliases: { n: "namespace" },
  },
  docs: {
    brief: "Forbid restarts on purpose for a time",
    fullDescription: [
      "No image moves, no configuration or secret restarts a running agent until then. New agents still start, an agent that",
      "failed on a new image still goes back. Windows that come again belong into fleet.yaml: spec.disruption.freezes. They end by",
      "themselves, or by taking them out of it; --end ends what was asked for here. A further --for replaces the one before.",
      "Exit code 0: done; 4: --end, and nobody asked for a freeze.",
      "",
      "Examples:",
      "  frota freeze --for 2h --reason \"release day\"",
      "  frota freeze --end",
    ].join("\n"),
  },
  async loader() {
    const { freeze } = await import("../operations/standstill-actions.ts");
    return async function freezeFleet(this: CliContext, flags: FreezeFlags) {
      await freeze(this, flags);
    };
  },
});
