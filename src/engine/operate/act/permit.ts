import type { RestartAction } from "../../../decide/action.ts";
import { FrotaError } from "../../../spec/error.ts";
import { decodeLedger, LEDGER_NAME } from "../ledger.ts";
import type { ActContext } from "./context.ts";

/**
 * Asks the ledger itself, not the cache: a permit that was taken back leaves it after a grace that a silent watch outlasts. Throws
 * PERMIT_GONE, which is no conflict: the same would be decided again at once, until the watch tells.
 */
export async function mustBePermitted({ cluster, namespace }: ActContext, agent: string, { id, cause }: RestartAction): Promise<void> {
  const ledger = await cluster.get({ apiVersion: "v1", kind: "ConfigMap", namespace, name: LEDGER_NAME });
  const permit = decodeLedger(ledger).permits.get(agent);
  // Who goes back has used its permit: nobody takes that back.
  if (permit?.id === id && (permit.withdrawnAt === undefined || cause === "Rollback")) return;
  throw new FrotaError({
    code: "PERMIT_GONE",
    message: `the ledger of disruptions does not let ${agent} be restarted any more: it is decided anew when the controller has seen that`,
    where: { kind: "ConfigMap", namespace, name: LEDGER_NAME },
    next: "nothing: it is tried again by itself",
  });
}
