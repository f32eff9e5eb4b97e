import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";
import type { CheckFlags } from "../fleet/check-repository.ts";

/** `frota check [agent...]` */
export const checkCommand = buildCommand<CheckFlags, string[], CliContext>({
  parameters: {
    flags: {
      repo: repositoryFlag,
      output: outputFlag,
    },
    aliases: { o: "output" },
    positional: { kind: "array", parameter: { brief: "Agents to check; all when none is named", parse: String, placeholder: "agent" } },
  },
  docs: {
    brief: "Check the repository: files, configuration, credentials",
    fullDescription: [
      "Checks fleet.yaml and every agent.yaml without a cluster: their shape, rules across files, OpenClaw configuration",
      "by OpenClaw's own schema, no credential anywhere in the repository, rendered files current.",
      "Exit code 0: no errors (warnings may be there); 1: errors.",
      "",
      "Examples:",
      "  frota check",
      "  frota check clovis",
      "  frota check --repo ./agents -o json",
    ].join("\n"),
  },
  async func(flags, ...agents) {
    const { runCheck } = await import("../fleet/check-repository.ts");
    await runCheck(this, flags, agents);
  },
});
