import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { FrotaError } from "../../src/spec/error.ts";
import { VaultClient } from "../../src/vault/client.ts";
import { KeyValueStore } from "../../src/vault/kv.ts";
import { objectOf, type VaultRequest, type VaultResponse } from "../../src/vault/transport.ts";
import { vaultProgram, freePort, startVault, type VaultServer } from "./vault-server.ts";

const VALUE = "s3cret-value-that-must-never-show";

async function failureOf(work: Promise<unknown>): Promise<FrotaError> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof FrotaError) return error;
  throw new Error("expected a FrotaError", { cause: error });
}

function mount(name: string, version: string): VaultRequest {
  return { method: "POST", path: `sys/mounts/${name}`, body: { type: "kv", options: { version } } };
}

describe("Vault", () => {
  let server: VaultServer;
  let root: VaultClient;
  let store: KeyValueStore;
  let count = 0;
  let path = "";

  beforeAll(async () => {
    server = await startVault(await vaultProgram());
    root = new VaultClient({ address: server.address, token: server.rootToken });
    await root.request(mount("kv", "2"), "update");
    await root.request(mount("old", "1"), "update");
    store = new KeyValueStore(root, "kv");
    // A new mount of version 2 is set up in the background.
    await vi.waitUntil(async () => (await root.send({ method: "GET", path: "kv/config" })).status === 200, { timeout: 60_000 });
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    path = `agents/agent-${++count}`;
  });

  async function valuesAt(at: string): Promise<unknown> {
    return (await root.request({ method: "GET", path: `kv/data/${at}` }, "read"))?.["data"];
  }

  async function clientWithPolicy(rules: string): Promise<VaultClient> {
    const name = `policy-${++count}`;
    await root.request({ method: "PUT", path: `sys/policies/acl/${name}`, body: { policy: rules } }, "update");
    const response = await root.send({ method: "POST", path: "auth/token/create", body: { policies: [name] } });
    const token = objectOf(response.body?.["auth"])["client_token"];
    if (typeof token !== "string") throw new Error("no token was made");
    return new VaultClient({ address: server.address, token });
  }

  test("writes a first key, then a second without touching the first", async () => {
    const first = await store.writeKey({ path, key: "A", value: "1" });
    const second = await store.writeKey({ path, key: "B", value: "2" });
    const again = await store.writeKey({ path, key: "A", value: "3" });
    expect([first, second, again].map(({ version, added }) => ({ version, added }))).toEqual([
      { version: 1, added: true },
      { version: 2, added: true },
      { version: 3, added: false },
    ]);
    expect(await valuesAt(path)).toEqual({ A: "3", B: "2" });
  });

  test("reads versions and keys without values", async () => {
    await store.writeKey({ path, key: "B", value: VALUE });
    await store.writeKey({ path, key: "A", value: VALUE });
    const keys = await store.keys(path);
    const versions = await store.versions(path);
    expect(keys).toMatchObject({ version: 2, keys: ["A", "B"], deleted: false });
    expect(versions?.map(({ version }) => version)).toEqual([2, 1]);
    expect(keys?.createdAt).toEqual(versions?.[0]?.createdAt);
    expect(JSON.stringify([keys, versions])).not.toContain(VALUE);
  });

  test("knows nothing about a path that does not exist", async () => {
    expect(await store.keys(path)).toBeUndefined();
    expect(await store.versions(path)).toBeUndefined();
    expect(await store.list(`${path}/below`)).toEqual([]);
  });

  test("lists a folder", async () => {
    await store.writeKey({ path: "listed/clovis", key: "A", value: "1" });
    await store.writeKey({ path: "listed/team/x", key: "A", value: "1" });
    expect(await store.list("listed")).toEqual(["clovis", "team/"]);
  });

  test("writes over a deleted version with its number, and does not bring old keys back", async () => {
    await store.writeKey({ path, key: "OLD", value: "1" });
    await root.request({ method: "DELETE", path: `kv/data/${path}` }, "delete");
    expect(await store.keys(path)).toMatchObject({ version: 1, keys: [], deleted: true });
    const written = await store.writeKey({ path, key: "NEW", value: "2" });
    expect(written).toMatchObject({ version: 2, added: true });
    expect(await valuesAt(path)).toEqual({ NEW: "2" });
  });

  test("keeps the other keys where the policy has no patch capability", async () => {
    await store.writeKey({ path, key: "A", value: "1" });
    const client = await clientWithPolicy(`path "kv/data/${path}" { capabilities = ["read", "create", "update"] }`);
    const written = await new KeyValueStore(client, "kv").writeKey({ path, key: "B", value: "2" });
    expect(written).toMatchObject({ version: 2, added: true });
    expect(await valuesAt(path)).toEqual({ A: "1", B: "2" });
  });

  test("never overwrites the whole where it may not read the rest", async () => {
    await store.writeKey({ path, key: "A", value: "1" });
    const client = await clientWithPolicy(
      `path "kv/subkeys/${path}" { capabilities = ["read"] }\npath "kv/data/${path}" { capabilities = ["create", "update"] }`,
    );
    const error = await failureOf(new KeyValueStore(client, "kv").writeKey({ path, key: "B", value: VALUE }));
    expect(error).toMatchObject({ code: "VAULT_FORBIDDEN", where: { name: `kv/data/${path}` } });
    expect(error.next).toContain('capabilities = ["patch"]');
    expect(await valuesAt(path)).toEqual({ A: "1" });
  });

  /** Lets another writer in just before each of this client's first `times` writes. */
  class RacedClient extends VaultClient {
    #times: number;

    constructor(times: number) {
      super(root.connection);
      this.#times = times;
    }

    override async send(request: VaultRequest): Promise<VaultResponse> {
      if (request.method === "PATCH" && this.#times-- > 0) {
        await store.writeKey({ path, key: "OTHER", value: String(this.#times) });
      }
      return super.send(request);
    }
  }

  test("tries again once when someone else wrote in between, and keeps their key", async () => {
    await store.writeKey({ path, key: "A", value: "1" });
    const written = await new KeyValueStore(new RacedClient(1), "kv").writeKey({ path, key: "A", value: "2" });
    expect(written.version).toBe(3);
    expect(await valuesAt(path)).toEqual({ A: "2", OTHER: "0" });
  });

  test("gives up when that happens twice, having written nothing", async () => {
    await store.writeKey({ path, key: "A", value: "1" });
    const work = new KeyValueStore(new RacedClient(2), "kv").writeKey({ path, key: "A", value: VALUE });
    expect(await failureOf(work)).toMatchObject({ code: "VAULT_CAS_MISMATCH" });
    expect(await valuesAt(path)).toMatchObject({ A: "1" });
  });

  test.each([
    ["another token's path", "read", async () => clientWithPolicy('path "kv/data/none" { capabilities = ["read"] }'), "VAULT_FORBIDDEN"],
    ["an unknown token", "", async () => new VaultClient({ address: server.address, token: "bad" }), "VAULT_TOKEN_INVALID"],
    ["no token", "", async () => new VaultClient({ address: server.address }), "VAULT_TOKEN_MISSING"],
    ["nobody listening", "", async () => new VaultClient({ address: `http://127.0.0.1:${await freePort()}`, token: "x" }), "VAULT_UNREACHABLE"],
  ])("tells %s from the rest", async (_case, capability, client, code) => {
    const error = await failureOf(new KeyValueStore(await client(), "kv").keys(path));
    expect(error.code).toBe(code);
    expect(error.next).toContain(capability);
  });

  test("tells a mount of version 1, and a missing mount", async () => {
    const version = await failureOf(new KeyValueStore(root, "old").keys(path));
    expect(version).toMatchObject({ code: "VAULT_KV_VERSION", where: { name: "old" } });
    const write = await failureOf(new KeyValueStore(root, "old").writeKey({ path, key: "A", value: VALUE }));
    expect(write.code).toBe("VAULT_KV_VERSION");
    const missing = await failureOf(new KeyValueStore(root, "absent").keys(path));
    expect(missing.code).toBe("VAULT_NOT_FOUND");
  });

  test("looks its own token up, and its capabilities", async () => {
    const client = await clientWithPolicy(`path "kv/data/${path}" { capabilities = ["read", "patch"] }`);
    const token = await client.lookupSelf();
    expect(token.policies).toContain("default");
    expect(token.ttlSeconds).toBeGreaterThan(0);
    const capabilities = await client.capabilities([`kv/data/${path}`, "kv/data/other"]);
    expect(capabilities?.get(`kv/data/${path}`)).toEqual(["patch", "read"]);
    expect(capabilities?.get("kv/data/other")).toEqual(["deny"]);
  });

  test("says that Vault is sealed", async () => {
    const own = await startVault(await vaultProgram());
    try {
      const client = new VaultClient({ address: own.address, token: own.rootToken });
      expect(await client.health()).toMatchObject({ initialized: true, sealed: false });
      await client.request({ method: "PUT", path: "sys/seal" }, "update");
      expect(await client.health()).toMatchObject({ initialized: true, sealed: true });
      expect((await failureOf(client.assertUnsealed())).code).toBe("VAULT_SEALED");
      const secrets = new KeyValueStore(client, "secret");
      expect((await failureOf(secrets.keys(path))).code).toBe("VAULT_SEALED");
      const write = await failureOf(secrets.writeKey({ path, key: "A", value: VALUE }));
      expect(write.code).toBe("VAULT_SEALED");
      expect(JSON.stringify(write) + write.message + String(write.stack)).not.toContain(VALUE);
    } finally {
      await own.stop();
    }
  });
});
