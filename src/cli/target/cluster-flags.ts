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

/** Seconds out of `90`, `90s`, `15m` or `1h`. */
export function parseSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const seconds = match && Number(match[1]) * ({ s: 1, m: 60, h: 3600 }[match[2] ?? "s"] ?? 1);
  if (!seconds) throw new RangeError(`not a time span: ${text} (write 90s, 15m or 1h)`);
  return seconds;
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
