import { buildCommand } from "@stricli/core";
import { agentArguments, contextFlag } from "../cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { ApplyFlags } from "../fleet-actions.ts";
import { repositoryFlag } from "../lab-flags.ts";
import { outputFlag } from "../structured-output.ts";

type DiffFlags = Pick<ApplyFlags, "context" | "repo" | "output">;

/** `frota diff [agent...]` */
export const diffCommand = buildCommand<DiffFlags, string[], CliContext>({
  parameters: {
    flags: { context: contextFlag, repo: repositoryFlag, output: outputFlag },
    aliases: { o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show what `frota apply` would change, and which agents would restart and why",
    fullDescription: [
      "Asks the live cluster by server-side dry run; writes nothing. Secret values are masked.",
      "Exit code 0: no difference; 1: differences; 4: applying would be refused; other: it could not be told.",
      "",
      "Examples:",
      "  frota diff",
      "  frota diff clovis",
      "  frota diff -o json",
    ].join("\n"),
  },
  async loader() {
    const { showDiff } = await import("../fleet-actions.ts");
    return async function diff(this: CliContext, flags: DiffFlags, ...agents: string[]) {
      await showDiff(this, flags, agents);
    };
  },
});
