import { buildCommand } from "@stricli/core";
import { agentArguments, contextFlag, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { repositoryFlag } from "../target/lab-flags.ts";
import { listOutputFlag } from "../terminal/list-output.ts";
import type { PlanFlags } from "../fleet/plan.ts";

/** `frota plan [agent...]` */
export const planCommand = buildCommand<PlanFlags, string[], CliContext>({
  parameters: {
    flags: {
      context: contextFlag,
      repo: repositoryFlag,
      selector: selectorFlag,
      plain: { kind: "boolean", default: false, brief: "Plan as `frota apply --plain` would apply" },
      output: listOutputFlag,
    },
    aliases: { l: "selector", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show what `apply` would do: who restarts, who is busy, how long",
    fullDescription: [
      "Writes nothing. Keys that a running agent takes over are told apart from those that restart it.",
      "`busy`: the agent's gateway reports a background task that runs, or a channel that it answers on. `unknown`: it reports neither, or",
      "does not answer. Of a running turn OpenClaw tells only who asks it to prepare for a stop, and a plan never asks that, so it never",
      "says `idle` of an agent that is ready.",
      "The time is estimated from the restarts on record, from maxDisrupted, canaries and bakeTime; the plan says how.",
      "Differences are found here, and the API server is asked about the first 50 of them; `frota diff` asks about every object.",
      "Exit code 0: nothing to do; 1: there is something; 4: applying would be refused; other: it could not be told.",
      "",
      "Examples:",
      "  frota plan",
      "  frota plan clovis",
      "  frota plan -l team=sales",
      "  frota plan -o jsonpath='{.agents[?(@.action==\"restart\")].name}'",
    ].join("\n"),
  },
  async loader() {
    const { showPlan } = await import("../fleet/plan.ts");
    return async function plan(this: CliContext, flags: PlanFlags, ...agents: string[]) {
      await showPlan(this, flags, agents);
    };
  },
});
