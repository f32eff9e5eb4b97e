import { buildCommand } from "@stricli/core";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { UninstallFlags } from "../controller/controller-installation.ts";

/** `frota controller uninstall` */
export const controllerUninstallCommand = buildCommand<UninstallFlags, [], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      crds: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "frota.dev",
        brief: "Also delete the definitions, with every Fleet and Agent resource of the cluster; must name their group",
      },
      yes: { kind: "boolean", default: false, brief: "Do not ask for a confirmation" },
    },
    aliases: { n: "namespace" },
  },
  docs: {
    brief: "Remove the fleet's controller; the agents go on in the plain way",
    fullDescription: [
      "Deletes the controller's Deployment, waits for its last pod, then deletes its rights. Agents, volumes and the Fleet and Agent",
      "resources stay. With --crds frota.dev also the definitions go, after the last controller of the cluster: every Fleet and Agent",
      "resource with them, but nothing that runs, because nothing is owned by them.",
      "Exit code 0: removed, or there was none; 4: not confirmed, or another fleet still has a controller.",
      "",
      "Examples:",
      "  frota controller uninstall",
      "  frota controller uninstall -n bots --yes",
      "  frota controller uninstall --crds frota.dev",
    ].join("\n"),
  },
  async loader() {
    const { uninstall } = await import("../controller/controller-installation.ts");
    return async function controllerUninstall(this: CliContext, flags: UninstallFlags) {
      await uninstall(this, flags);
    };
  },
});
