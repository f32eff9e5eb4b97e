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
    brief: "Show what `frota apply` would do to the fleet: who restarts and why, who is busy now, how long it takes, what holds it",
    fullDescription: [
      "Writes nothing. Keys that a running agent takes over are told apart from those that restart it. Busy is what an agent's gateway",
      "says of its tasks and channels; whether a turn runs, OpenClaw tells only when it is to stop, and then it is `unknown`.",
      "The time is estimated from the restarts on record, from maxDisrupted, canaries and bakeTime; the plan says how.",
      "Differences are found here, and the API server is asked about the first 100 of them; `frota diff` asks about every object.",
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
