import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { explainedCodes } from "../../src/spec/catalog/catalog.ts";
import { blocks, documents } from "../unit/documents.ts";
import { startVault, vaultProgram, type VaultServer } from "./vault-server.ts";

const guides = documents().filter(({ path }) => path.startsWith("docs/guide/"));
/** What sets Vault up, as it stands in the guides. */
const setups = guides.flatMap(blocks).filter(({ text }) => text.includes("vault policy write"));
const inText = [...guides.map(({ text }) => text), ...explainedCodes().map(({ cause, remedy }) => `${cause} ${remedy}`)];
const inSpans = inText.flatMap((text) => [...text.matchAll(/`(vault [a-z][^`]+)`/g)].map(([, line = ""]) => line));
const inBlocks = guides.flatMap(blocks).flatMap(({ text }) => text.split("\n")).filter((line) => line.startsWith("vault kv "));
/** Not those that ask for a person or a sealed server, nor the bare names of commands. */
const lines = [...new Set([...inSpans, ...inBlocks])].filter((line) => !/^vault (?:login|operator)\b|^vault kv \w+$/.test(line));

let server: VaultServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-guide-vault-"));
  const program = await vaultProgram();
  await symlink(program, join(folder, "vault"));
  server = await startVault(program);
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** As a user's shell does, logged in; `input` is what is typed for a value. */
async function inShell(line: string, input = "a value") {
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, HOME: folder, VAULT_ADDR: server.address, VAULT_TOKEN: server.rootToken };
  return execa("sh", ["-ec", line], { env, input, reject: false });
}

describe("Vault, as the guides and the explanations of codes use it", () => {
  test.each(setups.map(({ path, text }) => [path, text]))("%s sets it up", async (_path, text) => {
    const authority = join(dirname(inject("kubeconfig")), "ca.crt");
    // In a pod of the cluster, where the guide has Vault, it would find the cluster's authority and its own token by itself.
    const { exitCode, stderr } = await inShell(text.replace(/(vault write auth\/kubernetes\/config .+)/, `$1 disable_local_ca_jwt=true kubernetes_ca_cert=@${authority}`));
    expect(exitCode, stderr).toBe(0);
  });

  test("what the policy of an agent's secrets lets the fleet do is reading them, no more", async () => {
    const { stdout } = await inShell("vault token create -policy=agents -field=token");
    const can = async (path: string) => (await inShell(`vault token capabilities ${stdout.trim()} ${path}`)).stdout.trim();
    expect(await can("kv/data/agents/clovis")).toBe("read");
    expect(await can("kv/metadata/agents/clovis")).toBe("deny");
  });

  test.each(lines)("%s", async (line) => {
    for (const value of ["1", "2", "3", "4"]) await inShell(`vault kv put kv/agents/clovis KEY=${value}`);
    const { exitCode, stderr } = await inShell(line);
    expect(exitCode, stderr).toBe(0);
  });

  test("there is something to try", () => expect([setups.length, lines.length > 4]).toEqual([2, true]));
});
