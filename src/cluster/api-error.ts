import { FrotaError, type ErrorDetail, type Location } from "../spec/error.ts";
import { isPlainMap } from "../spec/plain-data.ts";

/** What a request was about, for the words of its failure. */
export interface RequestSubject {
  readonly context: string;
  readonly server: string;
  /** For example `apply`, `list`. */
  readonly verb: string;
  readonly where?: Location;
}

/** The API server's `Status` object, as far as it is used. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

/** The FrotaError for an API server's answer other than 2xx. */
export function apiError(status: number, body: string, subject: RequestSubject): FrotaError {
  const answer = parseStatus(body);
  const said = answer.message ?? (body.trim().slice(0, 300) || `HTTP ${status}`);
  const detail = ERRORS[status]?.(said, answer, subject) ?? {
    code: "CLUSTER_REFUSED",
    message: `the API server refused to ${subject.verb}: ${said} (HTTP ${status})`,
    next: "run the command again; if it persists, look at the API server's log",
  };
  return new FrotaError({ ...(subject.where ? { where: subject.where } : {}), ...detail });
}

const ERRORS: Readonly<
  Record<number, (said: string, answer: Status, subject: RequestSubject) => ErrorDetail>
> = {
  401: (_said, _answer, { context }) => ({
    code: "UNAUTHENTICATED",
    message: `the cluster of context "${context}" does not accept these credentials`,
    next: "renew the credentials of this context (for example by logging in to your provider's CLI)",
  }),
  403: (said, _answer, { context }) => ({
    code: "FORBIDDEN",
    message: said,
    next: `ask for this permission, or use a context other than "${context}"; \`frota doctor\` lists what is needed`,
  }),
  404: (said) => ({
    code: "NOT_FOUND",
    message: said,
    next: "check the name and the namespace; `frota status` lists what is there",
  }),
  409: conflict,
  422: (_said, answer) => ({
    code: "INVALID_OBJECT",
    message: `the API server finds the object invalid: ${causesOf(answer)}`,
    next: "mend the field named above in the agent's or the fleet's file",
    outcome: "refused",
  }),
};

function conflict(said: string, answer: Status): ErrorDetail {
  const owned = (answer.details?.causes ?? []).filter((cause) => cause.reason === "FieldManagerConflict");
  if (owned.length === 0) {
    return { code: "CONFLICT", message: said, next: "someone else changed it at the same time: run the command again" };
  }
  const fields = owned.map((cause) => `${cause.field ?? "a field"} (${managerOf(cause.message)})`);
  return {
    code: "FIELD_CONFLICT",
    message: `other field managers own fields that would change: ${fields.join(", ")}`,
    next: "agree with that owner, or take the fields over with `frota apply --force-conflicts`",
    outcome: "refused",
  };
}

function managerOf(message: string | undefined): string {
  return /conflict with "([^"]+)"/.exec(message ?? "")?.[1] ?? message ?? "unknown";
}

function causesOf(answer: Status): string {
  const causes = answer.details?.causes ?? [];
  if (causes.length === 0) return answer.message ?? "no reason given";
  return causes.map((cause) => [cause.field, cause.message].filter((part) => part).join(": ")).join("; ");
}

/** The names of field managers in a FIELD_CONFLICT's body; empty for any other answer. */
export function conflictingManagers(body: string): string[] {
  const causes = parseStatus(body).details?.causes ?? [];
  return causes.filter((cause) => cause.reason === "FieldManagerConflict").map((cause) => managerOf(cause.message));
}

function parseStatus(body: string): Status {
  try {
    const status: Status = JSON.parse(body);
    return status;
  } catch {
    return {};
  }
}

/** The FrotaError for a request that got no answer. */
export function connectionError(error: unknown, subject: RequestSubject): FrotaError {
  const code = isPlainMap(error) && typeof error["code"] === "string" ? error["code"] : undefined;
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  const isCertificate = code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
  return new FrotaError(
    {
      code: "CLUSTER_UNREACHABLE",
      message: `the cluster of context "${subject.context}" cannot be reached at ${subject.server} (${reason})`,
      next: isCertificate
        ? "check the certificate authority and the server name of this context's cluster in the kubeconfig"
        : "check that it is up (the lab: `frota lab up`) and reachable from here, or name another with --context",
    },
    { cause: error },
  );
}

/** The cluster does not serve a kind at all. */
export function unknownKind(kind: { apiVersion: string; kind: string }, context: string): FrotaError {
  const isExternalSecrets = kind.apiVersion.startsWith("external-secrets.io/");
  return new FrotaError({
    code: "KIND_UNKNOWN",
    message: `the cluster of context "${context}" does not know the kind ${kind.kind} (${kind.apiVersion})`,
    next: isExternalSecrets
      ? "install the External Secrets Operator (0.17 or later, serving external-secrets.io/v1) in the cluster"
      : "install what provides this kind, or use a newer Kubernetes; `frota doctor` lists what is needed",
    outcome: "refused",
  });
}
