import type { AgentStatus } from "../engine/agent-status.ts";
import type { Output } from "./context.ts";
import type { Paint } from "./paint.ts";
import { formatTable } from "./table.ts";

const HEADER = ["AGENT", "READY", "STATUS", "IMAGE", "RESTARTS", "AGE", "VOLUME", "SECRETS"];

/** The table of agents, and below it what is wrong, in words. */
export function statusText(agents: readonly AgentStatus[], now: Date, output: Output, paint: Paint): string {
  const rows = agents.map((agent) => [
    agent.name,
    agent.isReady ? paint("green", "yes") : paint("red", "no"),
    agent.state,
    imageText(agent.image),
    String(agent.restarts),
    agent.startedAt === undefined ? "" : ageText(now.getTime() - Date.parse(agent.startedAt)),
    [agent.volume.phase, agent.volume.size].filter((part) => part !== undefined).join(" "),
    agent.secrets.isSynced ? "synced" : (agent.secrets.reason ?? ""),
  ]);
  const problems = agents.flatMap((agent) =>
    agent.problems.flatMap(({ message, next }) => [
      `${paint("bold", agent.name)}: ${message}`,
      ...(next === undefined ? [] : [`  next: ${next}`]),
    ]),
  );
  return formatTable(HEADER, rows, output) + (problems.length > 0 ? `\n${problems.join("\n")}\n` : "");
}

/** OpenClaw's version and the short digest of what runs, else the reference that is asked for. */
function imageText({ reference, digest, openclawVersion }: AgentStatus["image"]): string {
  const running = digest?.slice("sha256:".length, "sha256:".length + 12);
  const known = [openclawVersion, running].filter((part) => part !== undefined);
  return known.length > 0 ? known.join(" ") : (reference?.replace(/^.*\//, "") ?? "");
}

/** As kubectl writes ages: `45s`, `12m`, `5h`, `3d`. */
function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
