import type { Fleet } from "../../spec/fleet.ts";
import { VaultClient } from "../../vault/client.ts";
import { vaultConnection } from "../../vault/connection.ts";
import { KeyValueStore } from "../../vault/kv.ts";
import type { CliContext } from "../context.ts";
import type { Target } from "./target.ts";

/** The fleet's secrets, read and written as the user. Throws VAULT_ADDRESS_MISSING and the like; contacts nobody yet. */
export async function openVault(
  context: CliContext,
  target: Target,
  fleet: Fleet,
): Promise<{ readonly client: VaultClient; readonly store: KeyValueStore }> {
  return openMount(context, target, fleet.spec.vault.mount);
}

/** As {@link openVault}, for who knows the mount and no Fleet. */
export async function openMount(
  context: CliContext,
  target: Target,
  mount: string,
): Promise<{ readonly client: VaultClient; readonly store: KeyValueStore }> {
  const client = new VaultClient(await vaultConnection(target.vault, context.process.env));
  return { client, store: new KeyValueStore(client, mount) };
}

/** Where an agent's secrets are, below the mount: `agents/clovis`. */
export function secretPath(fleet: Fleet, agent: string): string {
  return `${fleet.spec.vault.path.replace(/^\/+|\/+$/g, "")}/${agent}`;
}
