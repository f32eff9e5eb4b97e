import { buildCommand } from "@stricli/core";
import type { ChatFlags } from "../agent/chat.ts";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota chat <agent> [message...]` */
export const chatCommand = buildCommand<ChatFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      session: {
        kind: "parsed",
        parse: String,
        default: "frota",
        placeholder: "name",
        brief: "Conversation: the agent remembers the earlier turns of the same one",
      },
      output: outputFlag,
    },
    aliases: { n: "namespace", o: "output" },
    positional: { kind: "array", parameter: { brief: "The agent, then the message; standard input without one", parse: String, placeholder: "agent message" } },
  },
  docs: {
    brief: "Talk to an agent",
    fullDescription: [
      "Forwards a port to the agent's gateway, says the message, and prints the reply as it comes. Waits as long as the agent",
      "thinks. The gateway's token is read from the agent's Secret, and never shown.",
      "Exit code 0: it answered; 3: it did not, or is not ready.",
      "",
      "Examples:",
      '  frota chat clovis "What did we decide yesterday?"',
      "  frota chat clovis --session review-12 Look at pull request 12",
      "  git diff | frota chat roberval",
    ].join("\n"),
  },
  async loader() {
    const { runChat } = await import("../agent/chat.ts");
    return async function chat(this: CliContext, flags: ChatFlags, ...words: string[]) {
      await runChat(this, flags, words);
    };
  },
});
