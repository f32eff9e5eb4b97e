import { loadavg } from "node:os";

/** Load average of the last minute. Of a machine of two cores that does nothing else it is below 2. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}
