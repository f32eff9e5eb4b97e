import { acquire } from "../../src/lab/components/acquire.ts";
import { ACQUIRE_CONTEXT } from "../api/binaries.ts";

/** Gets what the tests run, however long building it takes on a new machine. Each test file starts a control plane of its own. */
export default async function setup(): Promise<void> {
  for (const name of ["kubernetes", "flux", "argo-cd"] as const) await acquire(name, ACQUIRE_CONTEXT);
}
