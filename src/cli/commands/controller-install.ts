import { buildCommand } from "@stricli/core";
import { contextFlag, parseSeconds } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { InstallFlags } from "../controller/controller-installation.ts";
import { repositoryFlag } from "../target/lab-flags.ts";

/** `frota controller install` */
export const controllerInstallCommand = buildCommand<InstallFlags, [], CliContext>({
  parameters: {
    flags: {
      context: contextFlag,
      repo: repositoryFlag,
      image: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "image",
        brief: "Another image (default: frota-controller of this version, beside the agents' image)",
      },
      replicas: { kind: "parsed", parse: parseReplicas, default: "2", placeholder: "number", brief: "One works, the others take over" },
      manifests: { kind: "boolean", default: false, brief: "Print the manifests as YAML, for GitOps, and apply nothing" },
      timeout: { kind: "parsed", parse: parseSeconds, default: "5m", placeholder: "span", brief: "How long a replica may take to hold the Lease" },
    },
  },
  docs: {
    brief: "Install or update the fleet's controller in the cluster",
    fullDescription: [
      "Applies the CustomResourceDefinitions of Fleet and Agent, and in namespace frota-system the controller with what it may do,",
      "then waits until a replica holds the Lease. Running agents are not touched: the controller takes over what runs. The fleet's pull",
      "secrets are copied to frota-system; --manifests prints everything but those.",
      "Exit code 0: it is live; 3: failed; 4: refused, nothing was changed; 6: nobody held the Lease in time.",
      "",
      "Examples:",
      "  frota controller install",
      "  frota controller install --context do-nyc1-production",
      "  frota controller install --manifests > controller/controller.yaml",
    ].join("\n"),
  },
  async loader() {
    const { install } = await import("../controller/controller-installation.ts");
    return async function controllerInstall(this: CliContext, flags: InstallFlags) {
      await install(this, flags);
    };
  },
});

function parseReplicas(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new RangeError(`not a number of replicas: ${text} (1 to 9)`);
  return Number(text);
}
