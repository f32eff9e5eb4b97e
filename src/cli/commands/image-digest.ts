import { buildCommand } from "@stricli/core";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { ImageFlags } from "../image/image-actions.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota image digest [reference]` */
export const imageDigestCommand = buildCommand<ImageFlags, [string?], CliContext>({
  parameters: {
    flags: { ...clusterFlags, output: outputFlag },
    aliases: { n: "namespace", o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Image; the fleet's when none is named", parse: String, placeholder: "image", optional: true }],
    },
  },
  docs: {
    brief: "Print the digest that an image's tag points to now",
    fullDescription: [
      "Asks the registry, with the fleet's pull secret or docker's credentials. -o json prints platforms and labels as well.",
      "",
      "Examples:",
      "  frota image digest",
      "  frota image digest registry.digitalocean.com/digitalsys/openclaw-agent:latest",
      "  frota image digest -o json",
    ].join("\n"),
  },
  async loader() {
    const { showDigest } = await import("../image/image-actions.ts");
    return async function imageDigest(this: CliContext, flags: ImageFlags, reference?: string) {
      await showDigest(this, flags, reference);
    };
  },
});
