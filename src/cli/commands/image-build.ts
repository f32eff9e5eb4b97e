import { buildCommand } from "@stricli/core";
import type { BuildFlags } from "../image/build-image.ts";
import type { CliContext } from "../context.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota image build` */
export const imageBuildCommand = buildCommand<BuildFlags, [], CliContext>({
  parameters: {
    flags: {
      push: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "image",
        brief: "Push there, with docker's credentials (default: the lab's registry, under the fleet's image name)",
      },
      tag: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        placeholder: "tag",
        brief: "Tag; may be repeated (default: the fleet's own, and the Git commit)",
      },
      buildArg: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        placeholder: "NAME=value",
        brief: "Argument of the Dockerfile; may be repeated",
      },
      repo: repositoryFlag,
      output: outputFlag,
    },
    aliases: { o: "output" },
  },
  docs: {
    brief: "Build the base image and push it",
    fullDescription: [
      "Builds base/Dockerfile of the fleet repository without a daemon (buildah, as root) and pushes it. When the registry has",
      "what would come of it, nothing is built. Where the base image cannot be pulled, a substitute with the same Node line is",
      "built from, and the output says so. Running agents take the new image at their next restart.",
      "Exit code 0: the registry has it; 3: the build or the push failed, and nothing was pushed; 4: refused.",
      "",
      "Examples:",
      "  frota image build",
      "  frota image build --tag trial --build-arg BASE_IMAGE=node:24-bookworm --build-arg OPENCLAW_VERSION=2026.9.6 \\",
      "    --build-arg OPENCLAW_ENGINES='>=24.16.0 <25 || >=26.1.0'",
      "  frota image build --push registry.example.com/team/openclaw-agent -o json",
    ].join("\n"),
  },
  async loader() {
    const { buildAndPush } = await import("../image/build-image.ts");
    return async function imageBuild(this: CliContext, flags: BuildFlags) {
      await buildAndPush(this, flags);
    };
  },
});
