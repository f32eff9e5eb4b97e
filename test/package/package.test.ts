import { readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { scanFile } from "../../src/repository/scan-secrets.ts";
import { PACKAGE } from "./installed-frota.ts";

const ROOT = join(import.meta.dirname, "../..");
const { files, size, unpackedSize } = inject("packed");
const paths = files.map(({ path }) => path).sort();
const texts = new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(PACKAGE, path), "utf8")] as const)));

/** Everything but the bundle's own files, and the README in its languages. */
const FILES = [
  "bin/frota",
  "controller/alerts.yaml",
  "controller/frota",
  "controller/lab.Dockerfile",
  "lab/external-secrets/go.mod",
  "lab/external-secrets/go.sum",
  "lab/external-secrets/pkg/generator/register/register.go",
  "lab/external-secrets/pkg/provider/register/register.go",
  "lab/image/private.sh",
  "lab/image/substitute-base.sh",
  "lab/kubernetes/go.mod",
  "lab/kubernetes/go.sum",
  "lab/kubernetes/main.go",
  "lab/model-server/server.mjs",
  "lab/sandbox/init.sh",
  "lab/services/coredns/main.go",
  "lab/services/go.mod",
  "lab/services/go.sum",
  "lab/services/network-policy/main.go",
  "lab/services/network-policy/ruleset.go",
  "lab/services/pause/main.go",
  "lab/services/storage-provisioner/expansion.go",
  "lab/services/storage-provisioner/images.go",
  "lab/services/storage-provisioner/loop.go",
  "lab/services/storage-provisioner/main.go",
  "lab/services/storage-provisioner/provisioner.go",
  "package.json",
  "schemas/agent.json",
  "schemas/crds/agents.yaml",
  "schemas/crds/fleets.yaml",
  "schemas/fleet.json",
  "schemas/openclaw-2026.9.2.json",
];

/** The entry and all that it can come to load. */
function bundle(): string[] {
  const found = new Set(["dist/frota.js"]);
  for (const path of found) {
    for (const [, chunk = ""] of (texts.get(path) ?? "").matchAll(/["']\.\/([\w.-]+\.js)["']/g)) found.add(`dist/${chunk}`);
  }
  return [...found].sort();
}

describe("the package", () => {
  test("holds what runs and nothing else: no tests, no sources, no chunks of another build", () => {
    expect(paths.filter((path) => !/^dist\/|^README[\w.-]*\.md$/.test(path))).toEqual(FILES);
    expect(paths.filter((path) => path.startsWith("dist/"))).toEqual(bundle());
  });

  test("needs no other package", async () => {
    const { dependencies, private: isPrivate } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8"));
    // Private: it can be packed, not published.
    expect({ dependencies, isPrivate }).toEqual({ dependencies: undefined, isPrivate: true });
  });

  test("names no path of the machine that made it", () => {
    const folders = [ROOT, join(homedir(), ".cache", "frota"), join(tmpdir(), "frota-")];
    expect(paths.filter((path) => folders.some((folder) => texts.get(path)?.includes(folder)))).toEqual([]);
  });

  test("holds no credential", async () => {
    // Amazon's own example is among what the bundled scanner knows to be none.
    const found = await Promise.all(paths.map((path) => scanFile(path, (texts.get(path) ?? "").replaceAll(/AKIA\w{9}EXAMPLE/g, ""))));
    expect(found.flat()).toEqual([]);
  });

  test("leaves out zod's translations, which `import { z }` would bring along: every command would compile them", () => {
    const polish = "owe dane wej";
    expect(paths.filter((path) => texts.get(path)?.includes(polish))).toEqual([]);
  });

  test("is small", () => {
    process.stderr.write(`package: ${(size / 1e6).toFixed(1)} MB packed, ${(unpackedSize / 1e6).toFixed(1)} MB in ${paths.length} files\n`);
    expect(size).toBeLessThan(2_000_000);
    expect(unpackedSize).toBeLessThan(16_000_000);
    expect(paths.length).toBeLessThan(250);
  });
});
