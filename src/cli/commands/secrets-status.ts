import { buildCommand } from "@stricli/core";
import { agentArguments, clusterFlags, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { listOutputFlag } from "../terminal/list-output.ts";
import type { SecretFlags } from "../secrets/secret-actions.ts";

/** `frota secrets status [agent...]` */
export const secretsStatusCommand = buildCommand<SecretFlags, string[], CliContext>({
  parameters: {
    flags: { ...clusterFlags, selector: selectorFlag, output: listOutputFlag },
    aliases: { n: "namespace", l: "selector", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show how agents' secrets get from Vault into their processes, and what is broken on the way",
    fullDescription: [
      "For each agent: Vault's newest version, the External Secrets Operator's last sync, the Secret, the start of the process.",
      "Where a controller restarts agents, the proof as well: the Secret's HMAC is the one that the pod was made for.",
      "States: ok; waiting (mends itself, for example with the next sync, or when the controller may restart the agent: what that waits for",
      "is said); unknown (could not be asked); broken.",
      "Exit code 0: every chain is ok or waiting; 1: one is broken or unknown.",
      "",
      "Examples:",
      "  frota secrets status",
      "  frota secrets status clovis roberval -o yaml",
    ].join("\n"),
  },
  async loader() {
    const { showSecrets } = await import("../secrets/secret-actions.ts");
    return async function secretsStatus(this: CliContext, flags: SecretFlags, ...agents: string[]) {
      await showSecrets(this, flags, agents);
    };
  },
});
