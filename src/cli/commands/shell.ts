import { buildCommand } from "@stricli/core";
import { clusterFlags, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

/** `frota shell <agent> [-- command...]` */
export const shellCommand = buildCommand<ClusterFlags, string[], CliContext>({
  parameters: {
    flags: clusterFlags,
    aliases: { n: "namespace" },
    positional: { kind: "array", parameter: { brief: "The agent, then a command after --", parse: String, placeholder: "agent command" } },
  },
  docs: {
    brief: "Open a shell in an agent's container, or run a command there",
    fullDescription: [
      "Bash where the image has it. What is changed outside of /root/.openclaw is lost with the pod. With a pipe instead of a terminal the",
      "command reads standard input. The exit code is the command's own; that of frota itself when there was none: 3, it could not be run.",
      "It needs the rights to get and create pods/exec; whoever has them can read the agent's secrets.",
      "",
      "Examples:",
      "  frota shell clovis",
      "  frota shell clovis -- openclaw status",
      "  frota shell clovis -- cat /root/.openclaw/workspace/MEMORY.md > memory.md",
      "  tar c notes | frota shell clovis -- tar x -C /root/.openclaw/workspace",
    ].join("\n"),
  },
  async loader() {
    const { openShell } = await import("../agent/agent-shell.ts");
    return async function shell(this: CliContext, flags: ClusterFlags, ...words: string[]) {
      await openShell(this, flags, words);
    };
  },
});
