import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { textAt } from "../../src/spec/plain-field.ts";
import { blocks, documents, ROOT } from "./documents.ts";

const yaml = documents().flatMap(blocks).filter(({ language }) => language === "yaml");
const manifests: unknown[] = yaml
  .filter(({ path }) => path === "docs/guide/gitops.md")
  .flatMap(({ text }) => parseAllDocuments(text).map((document): unknown => document.toJS()));

/** What the operated way gives to the cluster from Git: resources, the fleet's own objects, files of workspaces. */
const OPERATED = /^agents\/(fleet\.yaml|[^/]+\/agent\.yaml|k8s\/[^/]+\.yaml|[^/]+\/k8s\/config-map-workspace\.yaml)$/;

async function trackedFiles(...options: readonly string[]): Promise<string[]> {
  const { stdout } = await execa("git", ["ls-files", ...options, "agents"], { cwd: ROOT });
  return stdout.split("\n").filter((path) => path.endsWith(".yaml"));
}

test("every YAML block of the documents can be read", () => {
  expect(yaml.length).toBeGreaterThan(15);
  const faults = yaml.flatMap(({ path, line, text }) => parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => `${path}:${line} ${message}`)));
  expect(faults).toEqual([]);
});

describe("the operated way by GitOps takes exactly resources, the fleet's objects and workspaces", () => {
  const folder = mkdtempSync(join(tmpdir(), "frota-gitops-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("by Argo CD's include", async () => {
    const include = manifests.map((manifest) => textAt(manifest, "spec", "source", "directory", "include")).find((found) => found !== undefined) ?? "";
    const all = await trackedFiles();
    expect(all.filter((path) => matchesGlob(path.replace("agents/", ""), include))).toEqual(all.filter((path) => OPERATED.test(path)));
    expect(all.some((path) => path.endsWith("config-map-workspace.yaml"))).toBe(true);
  });

  test("by Flux's ignore, in the words of Git", async () => {
    const file = join(folder, "ignore");
    writeFileSync(file, manifests.map((manifest) => textAt(manifest, "spec", "ignore")).find((found) => found !== undefined) ?? "");
    const ignored = await trackedFiles("--cached", "--ignored", `--exclude-from=${file}`);
    const all = await trackedFiles();
    expect(all.filter((path) => !ignored.includes(path))).toEqual(all.filter((path) => OPERATED.test(path)));
  });
});
