import { buildCommand } from "@stricli/core";
import { agentArguments, clusterFlags, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { wideOutputFlag } from "../terminal/list-output.ts";
import type { StatusFlags } from "../status/status.ts";

/** `frota status [agent...]` */
export const statusCommand = buildCommand<StatusFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      selector: selectorFlag,
      output: wideOutputFlag,
      watch: { kind: "boolean", default: false, brief: "Go on until Ctrl-C: a live table, or in a pipe a line for each change" },
    },
    aliases: { l: "selector", o: "output", n: "namespace", w: "watch" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show how the agents are, and in words what is wrong",
    fullDescription: [
      "The table has as many columns as fit the terminal, and names those that do not; -o wide has all. Below it: what is wrong, who",
      "suspended what and why, until when the fleet is frozen, and rollouts that are not complete.",
      "Exit code 0: all are Ready; 1: one is not.",
      "",
      "Examples:",
      "  frota status",
      "  frota status clovis",
      "  frota status --watch",
      "  frota status -l team=sales -o wide",
      "  frota status -o jsonpath='{.agents[?(@.isReady==false)].name}'",
      "  frota status --context do-nyc1-production -n bots -o json",
    ].join("\n"),
  },
  async loader() {
    const { showStatus } = await import("../status/status.ts");
    return async function status(this: CliContext, flags: StatusFlags, ...agents: string[]) {
      await showStatus(this, flags, agents);
    };
  },
});
