import { parseLabelSelector } from "../../spec/label-selector.ts";
import { repositoryFlag } from "./lab-flags.ts";

/** `--context NAME` */
export const contextFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Context of the kubeconfig (default: FROTA_CONTEXT, else the running lab)",
  placeholder: "name",
} as const;

/** `-n NAME` */
const namespaceFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Namespace of the fleet (default: the one that fleet.yaml names)",
  placeholder: "name",
} as const;

/** `--channel TAG` */
export const channelFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Tag that the rollout follows (default: the fleet's)",
  placeholder: "tag",
} as const;

/** Seconds out of `90s`, `15m`, `1h` or `1h30m`. A bare number is refused, as kubectl does: who writes `2` may mean hours. */
export function parseSeconds(text: string): number {
  if (Number(text) > 0) throw new RangeError(`the unit is missing: ${text} (write ${text}s, ${text}m or ${text}h)`);
  const parts = /^(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?$/.exec(text)?.slice(1) ?? [];
  const [hours = 0, minutes = 0, seconds = 0] = parts.map((part: string | undefined) => Number(part ?? 0));
  const span = (hours * 60 + minutes) * 60 + seconds;
  if (!span) throw new RangeError(`not a time span: ${text} (write 90s, 15m or 1h30m)`);
  return span;
}

/**
 * `--timeout SPAN`: 15 minutes hold a whole drain (up to 345 s) and a whole start-up budget (up to 540 s).
 */
export const timeoutFlag = {
  kind: "parsed",
  parse: parseSeconds,
  default: "15m",
  brief: "How long each agent may take to become Ready",
  placeholder: "span",
} as const;

/** `-l SELECTOR`; see `parseLabelSelector`. */
export const selectorFlag = {
  kind: "parsed",
  parse: parseLabelSelector,
  optional: true,
  brief: "Agents with these labels, as kubectl -l takes them: team=sales, \"team in (a,b)\", \"!team\"",
  placeholder: "selector",
} as const;

/** `--dry-run` */
export const dryRunFlag = { kind: "boolean", default: false, brief: "Say what would be done; write nothing" } as const;

/** What a dry run says first. */
export const DRY_RUN = "dry run, nothing is written; what would be done:\n";

/** Flags of commands that look at agents in a cluster. */
export interface ClusterFlags {
  readonly context?: string;
  readonly namespace?: string;
  readonly repo?: string;
}

export const clusterFlags = { context: contextFlag, namespace: namespaceFlag, repo: repositoryFlag } as const;

/** Names of agents as arguments. */
export const agentArguments = {
  kind: "array",
  parameter: { brief: "Agents; all of them when none is named", parse: String, placeholder: "agent" },
} as const;
