import { buildCommand } from "@stricli/core";
import type { ChoiceFlags } from "../target/agent-choice.ts";
import { clusterFlags, dryRunFlag, selectorFlag, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

type SuspendFlags = ClusterFlags & ChoiceFlags & { readonly dryRun: boolean; readonly reason?: string };

/** `frota suspend <agent...>|--all` */
export const suspendCommand = buildCommand<SuspendFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      all: { kind: "boolean", default: false, brief: "The whole fleet" },
      selector: selectorFlag,
      dryRun: dryRunFlag,
      reason: { kind: "parsed", parse: String, optional: true, brief: "Shown in `frota status`", placeholder: "text" },
    },
    aliases: { n: "namespace", l: "selector" },
    positional: { kind: "array", parameter: { brief: "Agents", parse: String, placeholder: "agent" } },
  },
  docs: {
    brief: "Make the controller leave agents as they are",
    fullDescription: [
      "They go on running. Nothing of them is written, whatever Git, Vault or the registry say, until `frota resume`.",
      "The same in Git: spec.suspend: true.",
      "",
      "Examples:",
      "  frota suspend clovis",
      "  frota suspend -l team=sales --dry-run",
      "  frota suspend --all",
    ].join("\n"),
  },
  async loader() {
    const { suspend } = await import("../operations/standstill-actions.ts");
    return async function suspendAgents(this: CliContext, flags: SuspendFlags, ...names: string[]) {
      await suspend(this, flags, { names, isSuspended: true });
    };
  },
});
