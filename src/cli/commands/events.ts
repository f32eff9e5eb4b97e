import { buildCommand } from "@stricli/core";
import type { EventFlags } from "../agent/agent-events.ts";
import { agentArguments, clusterFlags, parseSeconds, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota events [agent...]` */
export const eventsCommand = buildCommand<EventFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      selector: selectorFlag,
      watch: { kind: "boolean", default: false, brief: "Go on with what happens, until Ctrl-C" },
      since: {
        kind: "parsed",
        parse: parseSeconds,
        optional: true,
        brief: "Only what happened in the last 90s, 15m or 1h (default: all that the cluster keeps; 10m with --watch)",
        placeholder: "span",
      },
      output: outputFlag,
    },
    aliases: { n: "namespace", l: "selector", w: "watch", o: "output" },
    positional: agentArguments,
  },
  docs: {
    brief: "Show what happens in the fleet, one line for each thing",
    fullDescription: [
      "Out of the Kubernetes Events of the agents' resources, Deployments, pods, volume claims and ExternalSecrets, and of the Fleet: time,",
      "agent, and what happened, in words. What happens again and again is counted: with --watch it is told again when there is ten times as",
      "much of it, or after ten minutes of silence. --watch goes on through broken connections; with -o json it writes one JSON object a line.",
      "",
      "Examples:",
      "  frota events",
      "  frota events clovis --since 15m",
      "  frota events --watch",
      "  frota events --watch -o json",
    ].join("\n"),
  },
  async loader() {
    const { showEvents } = await import("../agent/agent-events.ts");
    return async function events(this: CliContext, flags: EventFlags, ...agents: string[]) {
      await showEvents(this, flags, agents);
    };
  },
});
