import { access } from "node:fs/promises";

/** True when there is something at this path. */
export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
