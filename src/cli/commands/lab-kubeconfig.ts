import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { labFlag, type LabFlags } from "../target/lab-flags.ts";

type Flags = Pick<LabFlags, "lab">;

/** `frota lab kubeconfig` */
export const labKubeconfigCommand = buildCommand<Flags, [], CliContext>({
  parameters: { flags: { lab: labFlag } },
  docs: {
    brief: "Print the path of the running lab's kubeconfig",
    fullDescription: "Any Kubernetes client works with it, from this machine. Exit code 3: the lab does not run.\n\nExamples:\n  export KUBECONFIG=$(frota lab kubeconfig)\n  kubectl get pods",
  },
  async loader() {
    const { runningLab } = await import("../lab/lab-actions.ts");
    return async function labKubeconfig(this: CliContext, flags: Flags) {
      const record = await runningLab(this, flags);
      this.process.stdout.write(`${record.kubeconfig}\n`);
    };
  },
});
