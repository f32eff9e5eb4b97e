import { buildCommand } from "@stricli/core";
import { agentArguments, clusterFlags, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { DriftFlags } from "../agent/drift.ts";
import { listOutputFlag } from "../terminal/list-output.ts";

/** `frota drift [agent...]` */
export const driftCommand = buildCommand<DriftFlags, string[], CliContext>({
  parameters: {
    flags: { ...clusterFlags, selector: selectorFlag, output: listOutputFlag },
    aliases: { n: "namespace", l: "selector", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show what agents changed in their own configuration",
    fullDescription: [
      "Compares the configuration that each agent's gateway has with the one that is declared for it. Added keys stay the",
      "agent's own; a changed or removed declared key is a conflict, and comes back as declared at the next start. What",
      "OpenClaw writes by itself is left out; credentials are masked.",
      "Exit code 0: all as declared; 1: there is drift; 5: some agents could not be asked.",
      "",
      "Examples:",
      "  frota drift",
      "  frota drift clementina",
      "  frota drift -o json",
    ].join("\n"),
  },
  async loader() {
    const { showDrift } = await import("../agent/drift.ts");
    return async function drift(this: CliContext, flags: DriftFlags, ...agents: string[]) {
      await showDrift(this, flags, agents);
    };
  },
});
