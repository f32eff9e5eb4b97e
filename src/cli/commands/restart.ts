import { buildCommand } from "@stricli/core";
import type { RestartFlags } from "../operations/agent-actions.ts";
import { agentArguments, clusterFlags, dryRunFlag, selectorFlag, timeoutFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

/** `frota restart <agent...>|--all` */
export const restartCommand = buildCommand<RestartFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      all: { kind: "boolean", default: false, brief: "Restart every agent of the namespace" },
      selector: selectorFlag,
      timeout: timeoutFlag,
      dryRun: dryRunFlag,
    },
    aliases: { n: "namespace", l: "selector" },
    positional: agentArguments,
  },
  docs: {
    brief: "Restart agents one after another, each Ready before the next",
    fullDescription: [
      "What `kubectl rollout restart` does: a new pod, with the image that the tag names now and the secrets as they are now.",
      "A running turn is finished first. Who could not start again, for its Secret lacks a key, is not taken down.",
      "Exit code 0: all are Ready again; 3: an agent failed, the later ones are untouched; 4: refused, nobody was restarted;",
      "6: not Ready in time; 8: the controller has the request, and a freeze, a suspension or a missing key keeps it from acting.",
      "",
      "Examples:",
      "  frota restart clovis",
      "  frota restart clovis roberval",
      "  frota restart -l team=sales --dry-run",
      "  frota restart --all",
    ].join("\n"),
  },
  async loader() {
    const { restart } = await import("../operations/agent-actions.ts");
    return async function restartThem(this: CliContext, flags: RestartFlags, ...agents: string[]) {
      await restart(this, flags, agents);
    };
  },
});
