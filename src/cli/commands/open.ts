import { buildCommand } from "@stricli/core";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { OpenFlags } from "../agent/open-agent.ts";

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_535) return port;
  throw new RangeError(`not a port: ${text}`);
}

/** `frota open <agent>` */
export const openCommand = buildCommand<OpenFlags, [string], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      browser: { kind: "boolean", default: true, brief: "Start the browser; otherwise print a link that is good once" },
      port: { kind: "parsed", parse: parsePort, optional: true, brief: "Local port (default: always the same for an agent)", placeholder: "number" },
    },
    aliases: { n: "namespace" },
    positional: { kind: "tuple", parameters: [{ brief: "Agent", parse: String, placeholder: "agent" }] },
  },
  docs: {
    brief: "Open an agent's Control UI in the browser",
    fullDescription: [
      "Forwards a local port to the agent's gateway, and has the agent's OpenClaw pair this one browser: nothing is typed or approved by hand.",
      "The forward goes on when the agent restarts, and ends with Ctrl-C. The gateway's token stays where it is: the browser gets a pairing",
      "that is good once, by a page of this machine; no process has it in its arguments.",
      "With --no-browser, or where no browser can be started, a link to that page is printed: good once, within ten minutes, on this machine.",
      "It needs the rights to get and create pods/exec and pods/portforward.",
      "",
      "Examples:",
      "  frota open clovis",
      "  frota open clovis --no-browser --port 28000",
    ].join("\n"),
  },
  async loader() {
    const { openAgent } = await import("../agent/open-agent.ts");
    return async function open(this: CliContext, flags: OpenFlags, agent: string) {
      await openAgent(this, flags, agent);
    };
  },
});
