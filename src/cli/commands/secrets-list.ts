import { buildCommand } from "@stricli/core";
import { agentArguments, clusterFlags, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { listOutputFlag } from "../terminal/list-output.ts";
import type { SecretFlags } from "../secrets/secret-actions.ts";

/** `frota secrets list [agent...]` */
export const secretsListCommand = buildCommand<SecretFlags, string[], CliContext>({
  parameters: {
    flags: { ...clusterFlags, selector: selectorFlag, output: listOutputFlag },
    aliases: { n: "namespace", l: "selector", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "List the keys of agents' secrets in Vault, never their values",
    fullDescription: [
      "Asks Vault only, as you. States: ok (declared and in Vault), missing (declared, not in Vault), extra (in Vault, not declared).",
      "",
      "Examples:",
      "  frota secrets list",
      "  frota secrets list clovis -o json",
      "  frota secrets list -l team=sales -o jsonpath='{.[?(@.state==\"missing\")].key}'",
    ].join("\n"),
  },
  async loader() {
    const { listSecrets } = await import("../secrets/secret-actions.ts");
    return async function secretsList(this: CliContext, flags: SecretFlags, ...agents: string[]) {
      await listSecrets(this, flags, agents);
    };
  },
});
