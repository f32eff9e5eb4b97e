import { buildCommand } from "@stricli/core";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { DoctorFlags } from "../diagnosis/doctor.ts";
import { outputFlag } from "../terminal/structured-output.ts";

const agentFlag = { kind: "parsed", parse: String, optional: true, brief: "Diagnose this agent instead", placeholder: "name" } as const;

/** `frota doctor` */
export const doctorCommand = buildCommand<DoctorFlags, [], CliContext>({
  parameters: { flags: { ...clusterFlags, agent: agentFlag, output: outputFlag }, aliases: { n: "namespace", o: "output" } },
  docs: {
    brief: "Find what is missing or wrong: for the lab, a cluster, one agent",
    fullDescription: [
      "Without --context: whether this machine can hold the lab, and, when it is up, the lab's cluster. With --context: that cluster:",
      "storage class, External Secrets Operator, node pool and room, pull secret, Vault, permissions. Changes nothing.",
      "Exit code 0: nothing that is needed is missing; 1: something is.",
      "",
      "With --agent: why that agent is not well, in words, with the evidence and the commands that mend it. Looks at its pod, events,",
      "logs (the last words of the container before too), volume, node, secrets link by link, gateway, model and channels; tells what it",
      "could not look at, and why. Changes nothing and shows no secret; `frota explain CODE` says more of a finding.",
      "Exit code 0: it is well, starts, or is stopped on purpose; 1: something is wrong, or it could not be looked at.",
      "",
      "Examples:",
      "  frota doctor",
      "  frota doctor --agent clovis",
      "  frota doctor --context do-nyc1-production",
      "  frota doctor -o json",
    ].join("\n"),
  },
  async loader() {
    const [{ runDoctor }, { diagnoseAgent }] = await Promise.all([import("../diagnosis/doctor.ts"), import("../diagnosis/diagnose-agent.ts")]);
    return async function doctor(this: CliContext, flags: DoctorFlags) {
      await (flags.agent === undefined ? runDoctor(this, flags) : diagnoseAgent(this, flags, flags.agent));
    };
  },
});
