import { access, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { labLayout, type LabLayout } from "../layout.ts";
import { noteSetUp, prepareVaultStorage, readVaultKeys, saveVaultKeys, vaultStorage } from "./vault-files.ts";

const KEYS = JSON.stringify({ root_token: "told-once" });
let layout: LabLayout;
let stops = 0;

const stop = async () => void (stops += 1);
const isThere = (name: string) => access(join(vaultStorage(layout), name)).then(() => true, () => false);

/** What a server leaves behind when it is asked to initialize itself. */
const initialize = () => writeFile(join(vaultStorage(layout), "vault.db"), "sealed");

beforeEach(async () => {
  stops = 0;
  layout = { ...labLayout("demo", {}), data: await mkdtemp(join(tmpdir(), "frota-vault-")) };
  await prepareVaultStorage(layout, stop);
});

afterEach(() => rm(layout.data, { recursive: true }));

test("storage whose keys were never told is made anew, and its server stopped before", async () => {
  await noteSetUp(layout);
  await initialize();
  await prepareVaultStorage(layout, stop);
  expect([await isThere("vault.db"), stops]).toEqual([false, 1]);
});

test("storage whose keys were kept and are lost now stays", async () => {
  await noteSetUp(layout);
  await initialize();
  await saveVaultKeys(layout, KEYS);
  await rm(join(layout.data, "vault-init.json"));
  await prepareVaultStorage(layout, stop);
  expect([await isThere("vault.db"), stops]).toEqual([true, 0]);
});

test("storage with its keys stays, also where `up` was killed right after they were kept", async () => {
  await saveVaultKeys(layout, KEYS);
  await noteSetUp(layout);
  await initialize();
  await prepareVaultStorage(layout, stop);
  expect([await isThere("vault.db"), stops]).toEqual([true, 0]);
  // The note is gone with that: keys that are lost later are no reason to empty anything.
  await rm(join(layout.data, "vault-init.json"));
  await prepareVaultStorage(layout, stop);
  expect([await isThere("vault.db"), stops]).toEqual([true, 0]);
});

test("keys are kept whole, for their owner only", async () => {
  await saveVaultKeys(layout, KEYS);
  expect(await readVaultKeys(layout)).toEqual({ root_token: "told-once" });
  expect((await stat(join(layout.data, "vault-init.json"))).mode & 0o777).toBe(0o600);
  expect(await readdir(layout.data)).toEqual(["vault", "vault-init.json"]);
});

test.each([["lost", undefined], ["cut off", '{"root_tok']])("keys that are %s are named with the way on", async (_how, text) => {
  if (text !== undefined) await saveVaultKeys(layout, text);
  await expect(readVaultKeys(layout)).rejects.toMatchObject({ code: "LAB_VAULT_KEYS", next: expect.stringContaining("--purge demo") });
});
