import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { FrotaError } from "../spec/error.ts";

/** How to reach one Vault. Holds a token: never print it. */
export interface VaultConnection {
  /** Base URL without a trailing slash, for example `https://vault.example.com:8200`. */
  readonly address: string;
  readonly token?: string;
  /** Vault Enterprise (or OpenBao) namespace. */
  readonly namespace?: string;
  /** PEM of the certificate authorities to trust instead of the system's. */
  readonly certificateAuthority?: string;
  /** Name that the server's certificate must carry, where it is not the address's host. */
  readonly serverName?: string;
}

/** Which Vault is meant: from the user's environment, or the lab's record. */
export interface VaultSelection {
  readonly address: string;
  readonly token?: string | undefined;
  /** PEM file of the certificate authority. */
  readonly caFile?: string | undefined;
  readonly namespace?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Completes a selection as the `vault` program would: token from `~/.vault-token` where none is given, the certificate authority
 * from its file, `VAULT_TLS_SERVER_NAME`.
 * Throws VAULT_ADDRESS_MISSING, VAULT_ADDRESS_INVALID, VAULT_CA_UNREADABLE.
 */
export async function vaultConnection(
  selection: VaultSelection | undefined,
  env: Environment,
): Promise<VaultConnection> {
  if (selection === undefined) {
    throw new FrotaError({
      code: "VAULT_ADDRESS_MISSING",
      message: "no Vault address is known for this cluster.",
      next: "set VAULT_ADDR, for example: export VAULT_ADDR=https://vault.example.com:8200, then `vault login`",
    });
  }
  const token = nonEmpty(selection.token) ?? (await tokenOfFile(env));
  const caFile = nonEmpty(selection.caFile);
  const namespace = nonEmpty(selection.namespace);
  const serverName = nonEmpty(env["VAULT_TLS_SERVER_NAME"]);
  return {
    address: validAddress(selection.address),
    ...(token !== undefined && { token }),
    ...(caFile !== undefined && { certificateAuthority: await authorityOf(caFile) }),
    ...(namespace !== undefined && { namespace }),
    ...(serverName !== undefined && { serverName }),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}

function validAddress(address: string): string {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address.replace(/\/+$/, "");
  throw new FrotaError({
    code: "VAULT_ADDRESS_INVALID",
    message: `the Vault address is not an http or https URL: ${address}`,
    next: "set VAULT_ADDR, for example: export VAULT_ADDR=https://vault.example.com:8200",
    outcome: "usage",
  });
}

async function tokenOfFile(env: Environment): Promise<string | undefined> {
  try {
    return nonEmpty(await readFile(join(env["HOME"] ?? homedir(), ".vault-token"), "utf8"));
  } catch {
    return undefined;
  }
}

async function authorityOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new FrotaError(
      {
        code: "VAULT_CA_UNREADABLE",
        message: "the certificate authority file for Vault cannot be read.",
        where: { file },
        next: "set VAULT_CACERT to a readable PEM file",
      },
      { cause },
    );
  }
}
