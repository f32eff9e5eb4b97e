import { RESTART_NEEDS, type Permit, type RestartNeed } from "../../decide/world.ts";
import type { Manifest } from "../../render/manifest.ts";
import { isPlainMap } from "../../spec/plain-data.ts";
import { numberAt, textAt } from "../../spec/plain-field.ts";
import { parsePlainMap, timeAt } from "./parse.ts";
import { present } from "./present.ts";

/** ConfigMap of the fleet's namespace with one permit for each key, which is an agent's name. */
export const LEDGER_NAME = "frota-disruptions";

/** What a ledger says; entries that nobody can read are named, and permit nothing. */
export interface DecodedLedger {
  readonly resourceVersion?: string;
  readonly permits: ReadonlyMap<string, Permit>;
  /** Keys whose value is no permit. */
  readonly unreadable: readonly string[];
}

/** The whole ledger as its ConfigMap, sorted by agent. With a resource version a write fails if somebody was faster. */
export function encodeLedger(namespace: string, permits: ReadonlyMap<string, Permit>, resourceVersion?: string): Manifest {
  const agents = [...permits].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: LEDGER_NAME,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "frota" },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    data: Object.fromEntries(agents.map(([agent, permit]) => [agent, encodePermit(permit)])),
  };
}

/** Reads a ledger. Total: whatever the ConfigMap holds. */
export function decodeLedger(configMap: Manifest | undefined): DecodedLedger {
  const permits = new Map<string, Permit>();
  const unreadable: string[] = [];
  const data = configMap?.["data"];
  for (const [agent, text] of Object.entries(isPlainMap(data) ? data : {})) {
    const permit = decodePermit(text);
    if (permit) permits.set(agent, permit);
    else unreadable.push(agent);
  }
  const resourceVersion = textAt(configMap, "metadata", "resourceVersion");
  return { ...(resourceVersion === undefined ? {} : { resourceVersion }), permits, unreadable };
}

function encodePermit({ grantedAt, withdrawnAt, ...rest }: Permit): string {
  const times = { grantedAt: new Date(grantedAt).toISOString(), ...(withdrawnAt !== undefined && { withdrawnAt: new Date(withdrawnAt).toISOString() }) };
  return JSON.stringify({ ...rest, ...times });
}

function decodePermit(text: unknown): Permit | undefined {
  const data = parsePlainMap(text);
  const [id, digest, grantedAt] = [textAt(data, "id"), textAt(data, "image", "digest"), timeAt(data, "grantedAt")];
  const cause = needOf(data?.["cause"]);
  if (!data || id === undefined || cause === undefined || digest === undefined || grantedAt === undefined) return undefined;
  const also = Array.isArray(data["also"]) ? data["also"].map(needOf).filter((need) => need !== undefined) : [];
  const [isExtra, isRemedy] = [data["isExtra"], data["isRemedy"]].map((value) => value === true || undefined);
  return {
    id,
    cause,
    also,
    grantedAt,
    image: { digest, ...present({ openclawVersion: textAt(data, "image", "openclawVersion") }) },
    attempt: numberAt(data, "attempt") ?? 0,
    ...present({ isExtra, isRemedy, withdrawnAt: timeAt(data, "withdrawnAt") }),
  };
}

function needOf(value: unknown): RestartNeed | undefined {
  return RESTART_NEEDS.find((need) => need === value);
}
