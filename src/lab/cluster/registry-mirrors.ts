import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabLayout } from "../layout.ts";

/** containerd's `config_path`: a folder for each registry host that the lab's own registry stands in for. */
export function mirrorsFolder(layout: LabLayout): string {
  return join(layout.data, "registries");
}

/**
 * Lets the registry at `address` (`http://10.213.0.2:5000`) serve the images of `host`, from the next pull on. It is the `server` as well: what
 * it has not is not found, instead of looked for where the lab does not reach.
 */
export async function mirrorHost(layout: LabLayout, host: string, address: string): Promise<void> {
  const folder = join(mirrorsFolder(layout), host);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "hosts.toml"), `server = "${address}"\n\n[host."${address}"]\n  capabilities = ["pull", "resolve"]\n`);
}

/** The registry hosts of all fleets that were started on the lab. */
export async function mirroredHosts(layout: LabLayout): Promise<string[]> {
  return readdir(mirrorsFolder(layout)).catch(() => []);
}
