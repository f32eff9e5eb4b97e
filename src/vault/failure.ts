import { FrotaError } from "../spec/error.ts";
import type { VaultResponse } from "./transport.ts";

/** Codes of Node's TLS layer that mean "the certificate is not trusted", as opposed to "nobody answers". */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|UNABLE_TO_GET_ISSUER/;

/** Explains why no answer came at all. */
export function connectionError(address: string, cause: unknown): FrotaError {
  const code = reasonOf(cause);
  if (CERTIFICATE.test(code)) {
    return new FrotaError(
      {
        code: "VAULT_CERTIFICATE",
        message: `Vault's certificate is not trusted (${code}).`,
        where: { kind: "Vault", name: address },
        next: "set VAULT_CACERT to the PEM file of the authority that signed it",
      },
      { cause },
    );
  }
  return new FrotaError(
    {
      code: "VAULT_UNREACHABLE",
      message: `Vault does not answer (${code}).`,
      where: { kind: "Vault", name: address },
      next: "check VAULT_ADDR and that this machine may reach it (VPN, firewall, port-forward)",
    },
    { cause },
  );
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError" || cause.name === "AbortError") return "timed out";
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}

/** The sentences of Vault's own `errors`, or the status. */
export function reasonOfResponse(response: VaultResponse): string {
  const errors = response.body?.["errors"];
  const sentences = Array.isArray(errors) ? errors.map((error) => String(error).trim()).filter(Boolean) : [];
  return sentences.length > 0 ? sentences.join("; ") : `HTTP ${response.status}`;
}

/** True when a write was refused because someone else wrote first. */
export function isCheckAndSetMismatch(response: VaultResponse): boolean {
  return response.status === 400 && /check-and-set/.test(reasonOfResponse(response));
}

/**
 * Explains an answer that was not what was asked for.
 * @param capability the policy capability that the request needs, for example `read`
 */
export function responseError(response: VaultResponse, path: string, capability: string): FrotaError {
  const where = { kind: "Vault", name: path };
  const reason = reasonOfResponse(response);
  if (response.status === 503 && /sealed/i.test(reason)) return sealedError(where.name);
  if (response.status === 403) {
    return new FrotaError({
      code: "VAULT_FORBIDDEN",
      message: `the Vault token may not ${capability} ${path}.`,
      where,
      next: `ask for a policy with: path "${path}" { capabilities = ["${capability}"] }`,
    });
  }
  if (response.status === 404) {
    return new FrotaError({
      code: "VAULT_NOT_FOUND",
      message: `Vault has nothing at ${path} (${reason}).`,
      where,
      next: "compare spec.vault.mount and spec.vault.path of fleet.yaml with `vault secrets list`",
    });
  }
  return new FrotaError({
    code: "VAULT_FAILED",
    message: `Vault answered ${response.status} to ${capability} ${path}: ${reason}`,
    where,
    next: "look at Vault's own log; `vault status` shows its health",
  });
}

/** Vault runs but is sealed: it can serve nothing. */
export function sealedError(name: string): FrotaError {
  return new FrotaError({
    code: "VAULT_SEALED",
    message: "Vault is sealed: it cannot read or write secrets.",
    where: { kind: "Vault", name },
    next: "unseal it with `vault operator unseal`, or ask who holds its unseal keys",
  });
}

/** No token, or one that Vault does not know (any more). */
export function tokenError(present: boolean): FrotaError {
  return new FrotaError({
    code: present ? "VAULT_TOKEN_INVALID" : "VAULT_TOKEN_MISSING",
    message: present ? "Vault does not accept the token: it is wrong, expired or revoked." : "no Vault token was found.",
    next: "run `vault login`, or set VAULT_TOKEN",
  });
}
