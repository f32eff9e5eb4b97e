import { buildCommand } from "@stricli/core";
import { clusterFlags, type ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { outputFlag, type OutputFormat } from "../terminal/structured-output.ts";

type StatusFlags = ClusterFlags & { readonly output?: OutputFormat };

/** `frota controller status` */
export const controllerStatusCommand = buildCommand<StatusFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, output: outputFlag }, aliases: { n: "namespace", o: "output" } },
  docs: {
    brief: "Show whether a controller reconciles the fleet",
    fullDescription: [
      "Image, replicas, who holds the Lease and since when, how old its last renewal is, the fleet that it serves, and whether the",
      "cluster's definitions are those of this version. Exit code 0: a controller is live; 1: none is.",
      "",
      "Examples:",
      "  frota controller status",
      "  frota controller status -n bots -o json",
    ].join("\n"),
  },
  async loader() {
    const { status } = await import("../controller/controller-installation.ts");
    return async function controllerStatus(this: CliContext, flags: StatusFlags) {
      await status(this, flags);
    };
  },
});
