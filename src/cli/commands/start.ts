import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import type { StartFlags } from "../fleet/start-fleet.ts";

/** `frota start` */
export const startCommand = buildCommand<StartFlags, [], CliContext>({
  parameters: {
    flags: {
      repo: repositoryFlag,
      plain: { kind: "boolean", default: false, brief: "Without the controller: nothing of Frota runs in the cluster" },
    },
  },
  docs: {
    brief: "Bring a whole fleet alive on this machine",
    fullDescription: [
      "The lab, the agents' image, demo secrets in the lab's Vault, the controller, then the agents, until all are Ready.",
      "Running it again takes seconds; after a failure it goes on where it stopped. FROTA_LAB names another lab.",
      "Exit code 0: all agents are Ready; 3: a step failed; 4: this machine cannot hold the lab.",
      "",
      "Examples:",
      "  frota start",
      "  frota start --plain",
      "  FROTA_LAB=second frota start --repo ../other-fleet",
    ].join("\n"),
  },
  async loader() {
    const { startFleet } = await import("../fleet/start-fleet.ts");
    return async function start(this: CliContext, flags: StartFlags) {
      await startFleet(this, flags);
    };
  },
});
