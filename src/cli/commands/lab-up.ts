import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { labFlag, repositoryFlag, type LabFlags } from "../target/lab-flags.ts";

/** `frota lab up` */
export const labUpCommand = buildCommand<LabFlags, [], CliContext>({
  parameters: { flags: { lab: labFlag, repo: repositoryFlag } },
  docs: {
    brief: "Turn this machine into the fleet's cluster, or find it up",
    fullDescription:
      "Starts real Kubernetes, Vault, External Secrets, a registry and a stand-in model in namespaces of their own. Run it\nagain after a failure: what was finished is kept. Exit code 0: it is up; 3: a step failed; 4: this machine cannot hold it.\n\nExamples:\n  frota lab up\n  frota lab up --lab second",
  },
  async loader() {
    const { bringLabUp } = await import("../lab/lab-actions.ts");
    return async function labUp(this: CliContext, flags: LabFlags) {
      await bringLabUp(this, flags);
    };
  },
});
