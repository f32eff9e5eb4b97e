import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";
import type { RenderFlags } from "../fleet/render-repository.ts";

/** `frota render` */
export const renderCommand = buildCommand<RenderFlags, [], CliContext>({
  parameters: {
    flags: {
      repo: repositoryFlag,
      check: { kind: "boolean", default: false, brief: "Write nothing; exit 1 when rendered files are not current" },
      output: outputFlag,
    },
    aliases: { o: "output" },
  },
  docs: {
    brief: "Write the Kubernetes manifests of the fleet and its agents",
    fullDescription: [
      "Writes <agent>/k8s/*.yaml for every agent, and k8s/*.yaml for the fleet's own objects, from fleet.yaml, agent.yaml",
      "and workspace/. Only files that differ are written; rendered files that no longer belong are removed; files without",
      "the generated header are never touched. Prints one line for each change.",
      "Exit code 0: current or written; 1: with --check, not current.",
      "",
      "Examples:",
      "  frota render",
      "  frota render --check",
      "  frota render --repo ./agents -o json",
    ].join("\n"),
  },
  async func(flags) {
    const { runRender } = await import("../fleet/render-repository.ts");
    await runRender(this, flags);
  },
});
