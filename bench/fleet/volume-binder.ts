import type { Manifest } from "../../src/render/manifest.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import type { BenchLab } from "./bench-lab.ts";
import { BENCH, volumeOf } from "./generated-fleet.ts";

const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
/** Claims that are bound at once. */
const AT_ONCE = 10;

/**
 * Binds each claim to the volume that was made for it, until the returned function is called. Stands in for the controller manager's
 * binder: that makes five requests for each claim, one after the other, and would be all that is measured.
 */
export function bindVolumes({ cluster }: Pick<BenchLab, "cluster">): () => void {
  const abort = new AbortController();
  const busy = new Set<Promise<void>>();
  const see = async (claim: Manifest) => {
    if (textAt(claim, "spec", "volumeName") !== undefined) return;
    // A claim that went meanwhile need not be bound.
    const bound = bind({ cluster }, claim.metadata.name).catch(() => undefined);
    busy.add(bound);
    void bound.finally(() => busy.delete(bound));
    if (busy.size >= AT_ONCE) await Promise.race(busy);
  };
  const run = async () => {
    for await (const event of cluster.watch(CLAIM, { namespace: BENCH }, abort.signal)) {
      if (event.type === "synced") for (const claim of event.objects) await see(claim);
      if (event.type === "changed") await see(event.object);
    }
  };
  void run();
  return () => abort.abort();
}

async function bind({ cluster }: Pick<BenchLab, "cluster">, name: string): Promise<void> {
  const claim = { ...CLAIM, namespace: BENCH, name };
  await cluster.mergePatch(claim, { metadata: { annotations: { "pv.kubernetes.io/bind-completed": "yes" } }, spec: { volumeName: volumeOf(name) } });
  await cluster.mergePatch(claim, { status: { phase: "Bound", accessModes: ["ReadWriteOnce"] } }, { subresource: "status" });
}
