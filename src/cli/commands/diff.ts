import { buildCommand } from "@stricli/core";
import { agentArguments, contextFlag, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { DiffFlags } from "../fleet/fleet-actions.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota diff [agent...]` */
export const diffCommand = buildCommand<DiffFlags, string[], CliContext>({
  parameters: {
    flags: {
      context: contextFlag,
      repo: repositoryFlag,
      selector: selectorFlag,
      plain: {
        kind: "boolean",
        default: false,
        brief: "Compare as `frota apply --plain` would apply, although the cluster has Frota's resources",
      },
      output: outputFlag,
    },
    aliases: { l: "selector", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show what `apply` would change, and who would restart and why",
    fullDescription: [
      "Asks the live cluster by server-side dry run; writes nothing. Secret values are masked.",
      "Where the cluster has Frota's resources (Fleet, Agent), what changes of them is told as well, down to the fields that only the",
      "controller heeds; fields that an object below tells are told there.",
      "Exit code 0: no difference; 1: differences; 4: applying would be refused; other: it could not be told.",
      "",
      "Examples:",
      "  frota diff",
      "  frota diff clovis",
      "  frota diff --plain",
      "  frota diff -o json",
    ].join("\n"),
  },
  async loader() {
    const { showDiff } = await import("../fleet/fleet-actions.ts");
    return async function diff(this: CliContext, flags: DiffFlags, ...agents: string[]) {
      await showDiff(this, flags, agents);
    };
  },
});
