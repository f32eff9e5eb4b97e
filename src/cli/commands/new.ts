import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { optionalText, optionalTexts, volumeSizeFlag } from "../scaffold/scaffold-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";
import type { NewFlags } from "../scaffold/add-agent.ts";

/** `frota new NAME` */
export const newCommand = buildCommand<NewFlags, [string], CliContext>({
  parameters: {
    flags: {
      repo: repositoryFlag,
      displayName: optionalText("text", "What people call it, when that is more than its name"),
      purpose: optionalText("text", "What it is for, in a sentence"),
      secret: optionalTexts("KEY", "Key that its secret must have, besides the fleet's; may be repeated"),
      volumeSize: volumeSizeFlag,
      model: optionalText("model", "Model that it thinks with (default: the fleet's)"),
      output: outputFlag,
    },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Name of the agent: `clovis`, or `Clóvis`, whose name in Kubernetes is then clovis", parse: String, placeholder: "name" }],
    },
  },
  docs: {
    brief: "Add an agent to the fleet repository",
    fullDescription: [
      "Writes <name>/agent.yaml, with comments that tell what else may stand there, and its rendered manifests; with a display name",
      "also workspace/IDENTITY.md, from which the agent knows it. No other file changes, and the cluster is not asked.",
      "What is written passes `frota check`. It overwrites nothing, and writes everything or nothing.",
      "Exit code 0: written; 2: the name or a value is not valid; 4: there is such an agent, or the repository is not valid.",
      "",
      "Examples:",
      "  frota new clovis",
      "  frota new Clóvis --purpose \"Reads and writes code on GitHub.\" --secret GITHUB_TOKEN --volume-size 20Gi",
      "  frota new ana --model anthropic/claude-opus-4-6 -o json",
    ].join("\n"),
  },
  async loader() {
    const { addAgent } = await import("../scaffold/add-agent.ts");
    return async function newAgent(this: CliContext, flags: NewFlags, name: string) {
      await addAgent(this, flags, name);
    };
  },
});
