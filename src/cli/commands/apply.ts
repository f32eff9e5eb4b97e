import { buildCommand } from "@stricli/core";
import { agentArguments, contextFlag, dryRunFlag, selectorFlag, timeoutFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { ApplyFlags } from "../fleet/fleet-actions.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";

type ApplyCommandFlags = ApplyFlags & { readonly dryRun: boolean };

/** `frota apply [agent...]` */
export const applyCommand = buildCommand<ApplyCommandFlags, string[], CliContext>({
  parameters: {
    flags: {
      context: contextFlag,
      repo: repositoryFlag,
      selector: selectorFlag,
      forceConflicts: {
        kind: "boolean",
        default: false,
        brief: "Take over fields that other field managers own",
      },
      plain: {
        kind: "boolean",
        default: false,
        brief: "Write the agents' objects directly although the cluster has Frota's resources",
      },
      timeout: timeoutFlag,
      dryRun: dryRunFlag,
      output: outputFlag,
    },
    aliases: { l: "selector", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Make the cluster run what the fleet repository says",
    fullDescription: [
      "Server-side apply with field manager `frota`. Reads first and refuses before any write where it can tell: a missing image,",
      "an OpenClaw older than the agent's state, missing Vault keys, a shrinking volume. New agents start side by side;",
      "running agents that change restart one after another, each Ready before the next. Run it again to resume.",
      "It renders by itself, and warns when the rendered files beside agent.yaml say something else.",
      "Where the cluster has Frota's resources (Fleet, Agent), those are written, and the controller is watched while it settles them:",
      "it restarts agents in its own order, with all its care, also after this command has ended.",
      "Exit code 0: done; 3: an agent failed; 4: refused, nothing was changed; 5: some agents are done; 6: not Ready in time;",
      "7: the cluster has Frota's resources, but no controller reconciles them; 8: a freeze or a suspension keeps agents as they are.",
      "",
      "Examples:",
      "  frota apply",
      "  frota apply clovis --timeout 20m",
      "  frota apply -l team=sales --dry-run",
      "  frota apply --context do-nyc1-production",
    ].join("\n"),
  },
  async loader() {
    const { apply } = await import("../fleet/fleet-actions.ts");
    const { sayApply } = await import("../fleet/plan.ts");
    return async function applyAgents(this: CliContext, flags: ApplyCommandFlags, ...agents: string[]) {
      await (flags.dryRun ? sayApply : apply)(this, flags, agents);
    };
  },
});
