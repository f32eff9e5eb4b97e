import { buildChoiceParser, buildCommand } from "@stricli/core";
import { completionScript, SHELLS, type Shell } from "../completion/completion-script.ts";
import type { CliContext } from "../context.ts";

/** `frota completion <shell>` */
export const completionCommand = buildCommand<object, [Shell], CliContext>({
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Shell: bash, zsh or fish", parse: buildChoiceParser(SHELLS), placeholder: "shell", proposeCompletions: () => SHELLS }],
    },
  },
  docs: {
    brief: "Make a shell complete commands, flags, agents and contexts",
    fullDescription: [
      "The script's first lines say where it belongs. Agents are those of the cluster that a command would use, if it answers within",
      "a tenth of a second, and those of the repository.",
      "",
      "Examples:",
      "  source <(frota completion bash)",
      "  frota completion zsh > ~/.zsh/completions/_frota",
      "  frota completion fish > ~/.config/fish/completions/frota.fish",
    ].join("\n"),
  },
  func(_flags, shell) {
    this.process.stdout.write(completionScript(shell));
  },
});
