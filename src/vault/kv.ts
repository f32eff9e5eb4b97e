import { FrotaError } from "../spec/error.ts";
import { textsAt } from "../spec/plain-field.ts";
import type { VaultClient } from "./client.ts";
import { isCheckAndSetMismatch, reasonOfResponse, responseError } from "./failure.ts";
import { objectOf, type VaultObject, type VaultResponse } from "./transport.ts";

/** One version of a secret, without its values. */
export interface SecretVersion {
  /** Starts at 1. */
  readonly version: number;
  readonly createdAt: Date;
  /** Deleted (recoverable) or destroyed: it has no readable values. */
  readonly deleted: boolean;
}

/** A secret's newest version, and which keys it has. Never its values. */
export interface SecretKeys extends SecretVersion {
  /** Sorted; empty when deleted. */
  readonly keys: readonly string[];
}

/** A key to write. */
export interface KeyWrite {
  /** Path below the mount, for example `agents/clovis`. */
  readonly path: string;
  readonly key: string;
  readonly value: string;
}

/** What {@link KeyValueStore.writeKey} did. */
export interface KeyWritten {
  readonly version: number;
  readonly createdAt: Date;
  /** The key did not exist before. */
  readonly added: boolean;
}

/** A KV version 2 mount of a Vault. Paths are below the mount (`agents/clovis`). */
export class KeyValueStore {
  readonly mount: string;
  readonly #client: VaultClient;

  constructor(client: VaultClient, mount: string) {
    this.#client = client;
    this.mount = mount.replace(/^\/+|\/+$/g, "");
  }

  /** Every version with its time, newest first; undefined when there is nothing at the path. */
  async versions(path: string): Promise<readonly SecretVersion[] | undefined> {
    const response = await this.#client.send({ method: "GET", path: this.#url("metadata", path) });
    if (response.status === 404) return this.#nothing(response, path);
    if (response.status !== 200) throw await this.#client.failure(response, this.#url("metadata", path), "read");
    const data = objectOf(response.body?.["data"]);
    return Object.entries(objectOf(data["versions"]))
      .map(([version, entry]) => versionOf({ ...objectOf(entry), version }))
      .sort((a, b) => b.version - a.version);
  }

  /** The newest version's keys, read without values where Vault can (1.10 and later); undefined when there is nothing. */
  async keys(path: string): Promise<SecretKeys | undefined> {
    const subkeys = await this.#client.send({ method: "GET", path: this.#url("subkeys", path) });
    // A Vault before 1.10 does not know this endpoint; a policy may name only data/.
    const refused = [403, 405].includes(subkeys.status);
    const unknown = subkeys.status === 404 && /unsupported path/.test(reasonOfResponse(subkeys));
    const field = refused || unknown ? "data" : "subkeys";
    const response =
      field === "subkeys" ? subkeys : await this.#client.send({ method: "GET", path: this.#url("data", path) });
    return this.#keysOf(response, path, field);
  }

  /** Names directly below a folder (`clovis`, `teams/`); empty when there is none. */
  async list(path: string): Promise<readonly string[]> {
    const url = `${this.#url("metadata", path)}?list=true`;
    const response = await this.#client.send({ method: "GET", path: url });
    if (response.status === 404) return (await this.#nothing(response, path)) ?? [];
    if (response.status !== 200) throw await this.#client.failure(response, url, "list");
    return textsAt(response.body, "data", "keys");
  }

  /**
   * Writes one key with check-and-set and leaves the others as they are: by merge patch, which never reads them, or, where Vault or
   * the policy does not offer that, by reading and writing the whole. Someone else's write in between is retried once.
   * Throws VAULT_CAS_MISMATCH when it happens again.
   */
  async writeKey(write: KeyWrite): Promise<KeyWritten> {
    const written = (await this.#tryWrite(write)) ?? (await this.#tryWrite(write));
    if (written === undefined) throw mismatchError(this.#url("data", write.path));
    return written;
  }

  /** Undefined: someone else wrote between reading the version and writing. */
  async #tryWrite(write: KeyWrite): Promise<KeyWritten | undefined> {
    const before = await this.keys(write.path);
    const response = await this.#put(write, before);
    if (isCheckAndSetMismatch(response)) return undefined;
    if (response.status !== 200) {
      throw await this.#client.failure(response, this.#url("data", write.path), "update");
    }
    const { version, createdAt } = versionOf(objectOf(response.body?.["data"]));
    return { version, createdAt, added: before === undefined || !before.keys.includes(write.key) };
  }

  async #put(write: KeyWrite, before: SecretKeys | undefined): Promise<VaultResponse> {
    const path = this.#url("data", write.path);
    const options = { cas: before?.version ?? 0 };
    const data = { [write.key]: write.value };
    if (before === undefined || before.deleted) {
      return this.#client.send({ method: "POST", path, body: { data, options } });
    }
    const patched = await this.#client.send({ method: "PATCH", path, body: { data, options } });
    if (![403, 404, 405, 415].includes(patched.status)) return patched;
    const current = await this.#client.request({ method: "GET", path }, "patch", [404]);
    const values = objectOf(current?.["data"]);
    return this.#client.send({ method: "POST", path, body: { data: { ...values, ...data }, options } });
  }

  async #keysOf(response: VaultResponse, path: string, field: "subkeys" | "data"): Promise<SecretKeys | undefined> {
    const data = objectOf(response.body?.["data"]);
    if (response.status === 200 || (response.status === 404 && data["metadata"] !== undefined)) {
      const version = versionOf(objectOf(data["metadata"]));
      return { ...version, keys: version.deleted ? [] : Object.keys(objectOf(data[field])).sort() };
    }
    if (response.status === 404) return this.#nothing(response, path);
    throw await this.#client.failure(response, this.#url(field, path), "read");
  }

  /** "Nothing there" may also mean that the mount is missing, or of version 1, whose paths are different. */
  async #nothing(response: VaultResponse, path: string): Promise<undefined> {
    if (/no handler for route/.test(reasonOfResponse(response))) {
      throw responseError(response, this.#url("data", path), "read");
    }
    const { status, body } = await this.#client.send({ method: "GET", path: `sys/internal/ui/mounts/${this.mount}` });
    const data = objectOf(body?.["data"]);
    const version = objectOf(data["options"])["version"] === "2" ? 2 : 1;
    if (status === 200 && (data["type"] !== "kv" || version !== 2)) throw this.#versionError(String(data["type"]));
    return undefined;
  }

  #versionError(type: string): FrotaError {
    return new FrotaError({
      code: "VAULT_KV_VERSION",
      message: `the mount ${this.mount} is ${type === "kv" ? "KV version 1" : `of type ${type}`}, but Frota needs KV version 2.`,
      where: { kind: "Vault", name: this.mount },
      next: `run \`vault kv enable-versioning ${this.mount}\`, or name another mount in spec.vault.mount of fleet.yaml`,
    });
  }

  #url(area: "metadata" | "data" | "subkeys", path: string): string {
    const encoded = path.split("/").filter(Boolean).map(encodeURIComponent).join("/");
    return `${this.mount}/${area}/${encoded}`;
  }
}

function versionOf(entry: VaultObject): SecretVersion {
  return {
    version: Number(entry["version"]),
    createdAt: new Date(String(entry["created_time"])),
    // A deletion time may lie in the future (`delete_version_after`).
    deleted: entry["destroyed"] === true || new Date(String(entry["deletion_time"])).getTime() <= Date.now(),
  };
}

function mismatchError(path: string): FrotaError {
  return new FrotaError({
    code: "VAULT_CAS_MISMATCH",
    message: "someone else wrote this secret at the same time, twice in a row; nothing of yours was written.",
    where: { kind: "Vault", name: path },
    next: "look at its newest version, then run the command again",
  });
}
