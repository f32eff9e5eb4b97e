import { buildCommand } from "@stricli/core";
import { clusterFlags, dryRunFlag, parseSeconds, timeoutFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { SetSecretFlags } from "../secrets/set-secret.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota secrets set <agent> <KEY>` */
export const secretsSetCommand = buildCommand<SetSecretFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      restart: { kind: "boolean", default: false, brief: "Restart the agent if it still runs with an older value" },
      undeclared: { kind: "boolean", default: false, withNegated: false, brief: "The key is meant as it is written, though a declared one is much like it" },
      syncTimeout: { kind: "parsed", parse: parseSeconds, default: "60s", placeholder: "span", brief: "How long the sync may take" },
      timeout: timeoutFlag,
      dryRun: dryRunFlag,
      output: outputFlag,
    },
    aliases: { n: "namespace", o: "output" },
    positional: { kind: "array", parameter: { brief: "The agent, then the key. Never the value", parse: String, placeholder: "agent KEY" } },
  },
  docs: {
    brief: "Write one key of an agent's secrets to Vault, and see it arrive",
    fullDescription: [
      "Asks for the value at a hidden prompt, or reads it from standard input. Writes the one key with check-and-set and leaves the",
      "others as they are; makes the External Secrets Operator sync now; waits until the Secret carries the value; tells which",
      "pods still run with the older one. On the lab it uses the lab's Vault; else your own VAULT_ADDR and token (VAULT_TOKEN or",
      "~/.vault-token). A new key that is not declared and much like one that is (spec.secrets.required) counts as mistyped.",
      "Exit code 0: the Secret carries it; 4: the key seems mistyped, and nothing was written; 6: Vault has it, the Secret not yet;",
      "8: the Secret carries it, and --restart may not restart the agent now, as where it could not start again for want of another key.",
      "",
      "Examples:",
      "  frota secrets set clovis GITHUB_TOKEN",
      "  frota secrets set clovis GITHUB_TOKEN --restart",
      "  pass show linear | frota secrets set clovis LINEAR_API_KEY",
    ].join("\n"),
  },
  async loader() {
    const { runSetSecret } = await import("../secrets/set-secret.ts");
    return async function secretsSet(this: CliContext, flags: SetSecretFlags, ...words: string[]) {
      await runSetSecret(this, flags, words);
    };
  },
});
