import { buildCommand, numberParser } from "@stricli/core";
import type { LogFlags } from "../agent-log.ts";
import { clusterFlags, parseSeconds } from "../cluster-flags.ts";
import type { CliContext } from "../context.ts";

/** `frota logs <agent>` */
export const logsCommand = buildCommand<LogFlags, [string], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      follow: { kind: "boolean", default: false, brief: "Go on with new lines until Ctrl-C" },
      previous: { kind: "boolean", default: false, brief: "Of the gateway before the present one, after a crash" },
      tail: { kind: "parsed", parse: numberParser, optional: true, brief: "Only so many of the newest lines", placeholder: "lines" },
      since: { kind: "parsed", parse: parseSeconds, optional: true, brief: "Only lines of the last 90s, 15m or 1h", placeholder: "span" },
    },
    aliases: { n: "namespace", f: "follow" },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Agent", parse: String, placeholder: "agent" }],
    },
  },
  docs: {
    brief: "Print an agent's log",
    fullDescription: [
      "Prints what the agent's gateway, and before it the start guard, wrote: the same as `kubectl logs deployment/<agent>`.",
      "",
      "Examples:",
      "  frota logs clovis --tail 50",
      "  frota logs clovis -f",
      "  frota logs clovis --previous",
      "  frota logs clovis --since 15m",
    ].join("\n"),
  },
  async loader() {
    const { showLog } = await import("../agent-log.ts");
    return async function logs(this: CliContext, flags: LogFlags, agent: string) {
      await showLog(this, flags, agent);
    };
  },
});
