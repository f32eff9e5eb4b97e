import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FrotaError } from "../../spec/error.ts";
import { fileExists } from "../file-exists.ts";
import type { LabLayout } from "../layout.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** Vault's answer to its initialization. */
const keysSchema = z.object({
  /** Absent or empty where the server unseals itself. */
  keys_base64: z.array(z.string()).nullish(),
  root_token: z.string(),
});

/** File with the lab's Vault token for people; readable by root. */
export function vaultTokenFile(layout: LabLayout): string {
  return join(layout.data, "vault-token");
}

/** Folder of what the lab's Vault stores. */
export function vaultStorage(layout: LabLayout): string {
  return join(layout.data, "vault");
}

/** What Vault answered when it was initialized: its keys are told once, and nothing opens it without them. */
function keysFile(layout: LabLayout): string {
  return join(layout.data, "vault-init.json");
}

/** There from before Vault is asked to initialize itself until its keys are kept. */
function noteFile(layout: LabLayout): string {
  return join(layout.data, "vault-init.begun");
}

/** Notes that Vault is about to be initialized: from here on its storage is worth nothing until the keys are kept. */
export async function noteSetUp(layout: LabLayout): Promise<void> {
  await writeFileAtomic(noteFile(layout), "");
}

/** Keeps the keys, all or nothing, readable by root. Where they are lost later, what they open still stays. */
export async function saveVaultKeys(layout: LabLayout, keys: string): Promise<void> {
  await writeFileAtomic(keysFile(layout), keys, { mode: 0o600 });
  await rm(noteFile(layout), { force: true });
}

/** The keys as they were kept. Throws LAB_VAULT_KEYS where there are none. */
export async function readVaultKeys(layout: LabLayout): Promise<z.output<typeof keysSchema>> {
  try {
    return keysSchema.parse(JSON.parse(await readFile(keysFile(layout), "utf8")));
  } catch {
    // Without a cause: what a parser says of a broken file may quote a key.
    throw new FrotaError({
      code: "LAB_VAULT_KEYS",
      message: `the keys of the lab's Vault cannot be read from ${keysFile(layout)}; without them nothing in it can be read`,
      next: `put the file back, or begin anew without what the lab holds: frota lab down --purge ${layout.name}`,
    });
  }
}

/**
 * Makes the storage's folder. One whose initialization was cut off before its keys were kept is emptied first: no key to it
 * was ever told, so that nothing was ever stored in it. `stop` is awaited before, so that no server writes meanwhile.
 */
export async function prepareVaultStorage(layout: LabLayout, stop: () => Promise<void>): Promise<void> {
  const hasKeys = await fileExists(keysFile(layout));
  if (!hasKeys && (await fileExists(noteFile(layout)))) {
    await stop();
    await rm(vaultStorage(layout), { recursive: true, force: true });
  }
  await rm(noteFile(layout), { force: true });
  await mkdir(vaultStorage(layout), { recursive: true, mode: 0o700 });
}
