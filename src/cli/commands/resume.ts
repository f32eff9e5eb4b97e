import { buildCommand } from "@stricli/core";
import type { ChoiceFlags } from "../target/agent-choice.ts";
import { clusterFlags, dryRunFlag, selectorFlag, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

type ResumeFlags = ClusterFlags & ChoiceFlags & { readonly dryRun: boolean };

/** `frota resume <agent...>|--all` */
export const resumeCommand = buildCommand<ResumeFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      all: { kind: "boolean", default: false, brief: "The whole fleet" },
      selector: selectorFlag,
      dryRun: dryRunFlag,
    },
    aliases: { n: "namespace", l: "selector" },
    positional: { kind: "array", parameter: { brief: "Agents", parse: String, placeholder: "agent" } },
  },
  docs: {
    brief: "End a suspension",
    fullDescription: [
      "What changed meanwhile is taken up then. A suspension that Git declares (spec.suspend) stays.",
      "Exit code 0: done; 4: none of them was suspended by request.",
      "",
      "Examples:",
      "  frota resume clovis",
      "  frota resume -l team=sales --dry-run",
      "  frota resume --all",
    ].join("\n"),
  },
  async loader() {
    const { suspend } = await import("../operations/standstill-actions.ts");
    return async function resumeAgents(this: CliContext, flags: ResumeFlags, ...names: string[]) {
      await suspend(this, flags, { names, isSuspended: false });
    };
  },
});
