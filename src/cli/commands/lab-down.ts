import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { labFlag, type LabFlags } from "../target/lab-flags.ts";

type Flags = Pick<LabFlags, "lab"> & { readonly purge?: string };

/** `frota lab down` */
export const labDownCommand = buildCommand<Flags, [], CliContext>({
  parameters: {
    flags: {
      lab: labFlag,
      purge: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Also delete the data of this lab, volumes and Vault included: its name, as a confirmation",
        placeholder: "name",
      },
    },
  },
  docs: {
    brief: "End the lab; its data stays",
    fullDescription:
      "Leaves no process, mount, network device or rule behind. `frota lab up` finds volumes, Vault and cluster again.\nExit code 0: nothing of it runs any more.\n\nExamples:\n  frota lab down\n  frota lab down --purge default",
  },
  async loader() {
    const { takeLabDown } = await import("../lab/lab-actions.ts");
    return async function labDown(this: CliContext, flags: Flags) {
      await takeLabDown(this, flags);
    };
  },
});
