import { buildCommand } from "@stricli/core";
import type { LogFlags } from "../agent/agent-log.ts";
import { agentArguments, clusterFlags, parseSeconds, selectorFlag } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";

function parseCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new RangeError(`not a number of lines: ${text}`);
}

/** `frota logs [agent...]` */
export const logsCommand = buildCommand<LogFlags, string[], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      selector: selectorFlag,
      all: { kind: "boolean", default: false, brief: "Every agent of the namespace, however many" },
      follow: { kind: "boolean", default: false, brief: "Go on with new lines, through restarts, until Ctrl-C" },
      previous: { kind: "boolean", default: false, brief: "Of the gateway before the present one, after a crash" },
      tail: { kind: "parsed", parse: parseCount, optional: true, brief: "Only so many of the newest lines of each agent", placeholder: "lines" },
      since: { kind: "parsed", parse: parseSeconds, optional: true, brief: "Only lines of the last 90s, 15m or 1h", placeholder: "span" },
      grep: {
        kind: "parsed",
        parse: (text: string) => new RegExp(text, "u"),
        optional: true,
        brief: "Only lines in which this regular expression is found (JavaScript's)",
        placeholder: "regex",
      },
    },
    aliases: { n: "namespace", l: "selector", f: "follow" },
    positional: agentArguments,
  },
  docs: {
    brief: "Print agents' logs",
    fullDescription: [
      "Prints what the agents' gateways, and before them the start guard, wrote: of several agents in the order of time, each line with its",
      "agent. Of one agent the whole log; of several the newest 10 lines of each, unless --tail, --since or --grep says otherwise.",
      "With --grep, --tail counts the lines that are found.",
      "--follow goes on through new pods, restarted containers and broken connections, and loses and repeats no line; that an agent",
      "restarted, and why, is told on standard error.",
      "",
      "Examples:",
      "  frota logs clovis --tail 50",
      "  frota logs -f",
      "  frota logs clovis roberval --since 10m --grep 'error|refused'",
      "  frota logs clovis --previous",
      "  frota logs -l team=sales -f",
      "  frota logs --all --since 1h --grep timeout",
    ].join("\n"),
  },
  async loader() {
    const { showLogs } = await import("../agent/agent-log.ts");
    return async function logs(this: CliContext, flags: LogFlags, ...agents: string[]) {
      await showLogs(this, flags, agents);
    };
  },
});
