import { buildCommand } from "@stricli/core";
import { agentArguments, clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { ImageFlags } from "../image/image-actions.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota image check [agent...]` */
export const imageCheckCommand = buildCommand<ImageFlags, string[], CliContext>({
  parameters: {
    flags: { ...clusterFlags, output: outputFlag },
    aliases: { n: "namespace", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Check agents' images before anything rolls out",
    fullDescription: [
      "For each image that agents name: it is in the registry, its OpenClaw admits its Node, and it is not older than the OpenClaw",
      "that last ran on the agent's state. Exit code 0: nothing speaks against them; 1: something does.",
      "",
      "Examples:",
      "  frota image check",
      "  frota image check clovis -o json",
    ].join("\n"),
  },
  async loader() {
    const { checkImages } = await import("../image/image-actions.ts");
    return async function imageCheck(this: CliContext, flags: ImageFlags, ...agents: string[]) {
      await checkImages(this, flags, agents);
    };
  },
});
