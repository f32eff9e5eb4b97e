import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { agentArguments } from "../target/cluster-flags.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";
import type { RenderFlags } from "../fleet/render-repository.ts";

/** `frota render` */
export const renderCommand = buildCommand<RenderFlags, string[], CliContext>({
  parameters: {
    flags: {
      repo: repositoryFlag,
      check: { kind: "boolean", default: false, brief: "Write nothing; exit 1 when rendered files are not current" },
      stdout: { kind: "boolean", default: false, brief: "Print the manifests as one stream; write nothing" },
      output: outputFlag,
    },
    aliases: { o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Write the Kubernetes manifests of the fleet and its agents",
    fullDescription: [
      "Writes <agent>/k8s/*.yaml for every agent, and k8s/*.yaml for the fleet's own objects, from fleet.yaml, agent.yaml",
      "and workspace/. Only files that differ are written; rendered files that no longer belong are removed; files without",
      "the generated header are never touched. Prints one line for each change. With agents, only their files.",
      "--stdout prints the manifests for other programs, instead: the fleet's own first, then agent after agent.",
      "Exit code 0: current or written; 1: with --check, not current.",
      "",
      "Examples:",
      "  frota render",
      "  frota render --check",
      "  frota render clovis --stdout | kubectl apply --dry-run=server -f -",
      "  frota render --repo ./agents -o json",
    ].join("\n"),
  },
  async func(flags, ...agents) {
    const { runRender } = await import("../fleet/render-repository.ts");
    await runRender(this, flags, agents);
  },
});
