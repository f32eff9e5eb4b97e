import { buildCommand } from "@stricli/core";
import type { AdoptFlags } from "../agent/adopt.ts";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

/** `frota adopt <agent> [key...]` */
export const adoptCommand = buildCommand<AdoptFlags, string[], CliContext>({
  parameters: {
    flags: { ...clusterFlags, dryRun: { kind: "boolean", default: false, brief: "Only show the difference; write nothing" } },
    aliases: { n: "namespace" },
    positional: { kind: "array", parameter: { brief: "The agent, then keys as `frota drift` shows them; all when none is named", parse: String, placeholder: "agent key" } },
  },
  docs: {
    brief: "Write what an agent changed in itself into its agent.yaml",
    fullDescription: [
      "Takes the keys that `frota drift` shows into spec.openclaw of <agent>/agent.yaml, with the file's comments and order",
      "kept, and renders again. A credential is never written (ADOPT_SECRET): it belongs in Vault, and its name in the file.",
      "Prints the difference; commit it, then apply. `frota diff` tells whether that restarts the agent.",
      "",
      "Examples:",
      "  frota adopt clementina --dry-run",
      "  frota adopt clementina",
      "  frota adopt clementina cron.enabled tools",
    ].join("\n"),
  },
  async loader() {
    const { adopt } = await import("../agent/adopt.ts");
    return async function adoptAgent(this: CliContext, flags: AdoptFlags, ...words: string[]) {
      await adopt(this, flags, words);
    };
  },
});
