import { textsAt } from "../spec/plain-field.ts";
import type { VaultConnection } from "./connection.ts";
import { responseError, sealedError, tokenError } from "./failure.ts";
import { objectOf, send, type VaultObject, type VaultRequest, type VaultResponse } from "./transport.ts";

/** Vault's own state, readable without a token. */
export interface VaultHealth {
  readonly initialized: boolean;
  readonly sealed: boolean;
  readonly standby: boolean;
  /** Version of the server, for example `1.21.4`. */
  readonly version: string;
}

/** What Vault says about the token in use. */
export interface VaultToken {
  readonly policies: readonly string[];
  /** Seconds until it expires; 0 for one that never does. */
  readonly ttlSeconds: number;
  readonly renewable: boolean;
}

/** Talks to one Vault with one token. Never logs, and puts no value into an error. */
export class VaultClient {
  readonly connection: VaultConnection;

  constructor(connection: VaultConnection) {
    this.connection = connection;
  }

  /** Sends a request as it is and returns an answer of any status. For what the named methods do not cover. */
  async send(request: VaultRequest): Promise<VaultResponse> {
    return send(this.connection, request);
  }

  /**
   * Sends a request and returns the `data` of its answer (empty for 204). Answers of the statuses in `tolerated` come back as undefined.
   * Throws VAULT_TOKEN_MISSING, VAULT_TOKEN_INVALID, VAULT_FORBIDDEN, VAULT_SEALED, VAULT_NOT_FOUND, VAULT_FAILED, VAULT_UNREACHABLE.
   * @param capability the policy capability that this request needs, named when it is refused
   */
  async request(
    request: VaultRequest,
    capability: string,
    tolerated: readonly number[] = [],
  ): Promise<VaultObject | undefined> {
    const response = await this.send(request);
    if (response.status >= 200 && response.status < 300) return objectOf(response.body?.["data"]);
    if (tolerated.includes(response.status)) return undefined;
    throw await this.failure(response, request.path, capability);
  }

  /** The error that an unwanted answer stands for; asks Vault whether a 403 is the token's fault. */
  async failure(response: VaultResponse, path: string, capability: string): Promise<Error> {
    const plainPath = path.replace(/\?.*$/, "");
    if (response.status === 403) {
      if (this.connection.token === undefined) return tokenError(false);
      const own = await this.send({ method: "GET", path: "auth/token/lookup-self" });
      // A token without the `default` policy may not look itself up although it is good.
      if (own.status === 403 && (await this.capabilities([plainPath])) === undefined) return tokenError(true);
    }
    return responseError(response, plainPath, capability);
  }

  /** Seal status and version. Works without a token. */
  async health(): Promise<VaultHealth> {
    const query = "standbyok=true&perfstandbyok=true&sealedcode=200&uninitcode=200&drsecondarycode=200";
    const response = await this.send({ method: "GET", path: `sys/health?${query}` });
    const { body } = response;
    if (response.status !== 200 || typeof body?.["initialized"] !== "boolean") {
      throw responseError(response, "sys/health", "read");
    }
    return {
      initialized: body["initialized"],
      sealed: body["sealed"] === true,
      standby: body["standby"] === true,
      version: String(body["version"]),
    };
  }

  /** Throws VAULT_SEALED when Vault is sealed, VAULT_UNREACHABLE when nobody answers. */
  async assertUnsealed(): Promise<void> {
    if ((await this.health()).sealed) throw sealedError(this.connection.address);
  }

  /** The token in use. Throws VAULT_TOKEN_MISSING or VAULT_TOKEN_INVALID. */
  async lookupSelf(): Promise<VaultToken> {
    if (this.connection.token === undefined) throw tokenError(false);
    const response = await this.send({ method: "GET", path: "auth/token/lookup-self" });
    if (response.status === 403) throw tokenError(true);
    if (response.status !== 200) throw responseError(response, "auth/token/lookup-self", "read");
    const data = objectOf(response.body?.["data"]);
    const policies = [data["policies"], data["identity_policies"]].flatMap((list) => (Array.isArray(list) ? list : []));
    return {
      policies: policies.map(String),
      ttlSeconds: Number(data["ttl"] ?? 0),
      renewable: data["renewable"] === true,
    };
  }

  /** What the token may do at each path (`read`, `patch`, `deny`...); undefined when Vault does not tell. */
  async capabilities(paths: readonly string[]): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
    const response = await this.send({ method: "POST", path: "sys/capabilities-self", body: { paths } });
    if (response.status !== 200) return undefined;
    const data = objectOf(response.body?.["data"] ?? response.body);
    return new Map(paths.map((path) => [path, textsAt(data, path)]));
  }
}
