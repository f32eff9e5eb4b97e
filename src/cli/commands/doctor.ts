import { buildCommand } from "@stricli/core";
import { clusterFlags } from "../cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { DoctorFlags } from "../doctor.ts";
import { outputFlag } from "../structured-output.ts";

/** `frota doctor` */
export const doctorCommand = buildCommand<DoctorFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, output: outputFlag }, aliases: { n: "namespace", o: "output" } },
  docs: {
    brief: "Explain every prerequisite, found or missing, of the lab or of a cluster",
    fullDescription: [
      "Without --context: whether this machine can hold the lab, and, when it is up, the lab's cluster. With --context: that cluster:",
      "storage class, External Secrets Operator, node pool and room, pull secret, Vault, permissions. Changes nothing.",
      "Exit code 0: nothing that is needed is missing; 1: something is.",
      "",
      "Examples:",
      "  frota doctor",
      "  frota doctor --context do-nyc1-production",
      "  frota doctor -o json",
    ].join("\n"),
  },
  async loader() {
    const { runDoctor } = await import("../doctor.ts");
    return async function doctor(this: CliContext, flags: DoctorFlags) {
      await runDoctor(this, flags);
    };
  },
});
