import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import packageJson from "../../../package.json" with { type: "json" };

/** `frota version` */
export const versionCommand = buildCommand<object, [], CliContext>({
  parameters: {},
  docs: { brief: "Print the version of frota", fullDescription: "Examples:\n  frota version" },
  func() {
    this.process.stdout.write(`frota ${packageJson.version} (node ${process.versions.node})\n`);
  },
});
