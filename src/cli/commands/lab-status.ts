import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { labFlag, type LabFlags } from "../target/lab-flags.ts";
import { outputFlag, type OutputFormat } from "../terminal/structured-output.ts";

type Flags = Pick<LabFlags, "lab"> & { readonly output?: OutputFormat };

/** `frota lab status` */
export const labStatusCommand = buildCommand<Flags, [], CliContext>({
  parameters: { flags: { lab: labFlag, output: outputFlag }, aliases: { o: "output" } },
  docs: {
    brief: "Show whether the lab runs, and where everything of it is",
    fullDescription: "Looks at its processes, not at its cluster (`frota status`, `frota doctor`). Exit code 0: it runs; 1: it does not.\n\nExamples:\n  frota lab status\n  frota lab status -o json",
  },
  async loader() {
    const { showLab } = await import("../lab/lab-actions.ts");
    return async function labStatus(this: CliContext, flags: Flags) {
      await showLab(this, flags);
    };
  },
});
