import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findRepository } from "./find-repository.ts";
import { inspectRepository, readSources, renderedFiles } from "./read-repository.ts";
import { writeFiles } from "./write-files.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-repository-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

describe("finding the root", () => {
  test("the nearest folder with fleet.yaml, itself or in agents/, from any depth", async () => {
    await put("agents/fleet.yaml", "");
    await put("agents/clovis/workspace/A.md", "");
    const expected = join(root, "agents");
    for (const folder of ["", "agents", "agents/clovis/workspace"]) expect(await findRepository(join(root, folder))).toBe(expected);
    expect(await findRepository("/", root)).toBe(expected);
    expect(await findRepository(root, "agents")).toBe(expected);
  });

  test("none, or a folder named fleet.yaml", async () => {
    await mkdir(join(root, "fleet.yaml"));
    await expect(findRepository(root)).rejects.toMatchObject({ code: "NO_REPOSITORY", outcome: "usage" });
    await writeFile(join(root, "fleet.yml"), "");
    await expect(findRepository(root)).rejects.toMatchObject({ code: "NO_REPOSITORY", next: "rename fleet.yml to fleet.yaml" });
    await expect(findRepository(root, "elsewhere")).rejects.toMatchObject({ code: "NO_REPOSITORY" });
  });
});

describe("reading", () => {
  test("text by path, sorted; what is no text is told", async () => {
    await put("fleet.yaml", "kind: Fleet\n");
    await put("clovis/workspace/SOUL.md", "olá");
    await put("clovis/workspace/logo.png", new Uint8Array([0x89, 0x50, 0, 1]));
    await put("clovis/workspace/latin1.txt", new Uint8Array([0x6f, 0xe1]));
    await put("big.txt", "x".repeat(2 ** 20 + 1));
    await put(".git/config", "x");
    await put("node_modules/a/index.js", "x");
    await symlink("/etc/passwd", join(root, "link.txt"));
    const { files, skipped } = await inspectRepository(root);
    expect([...files]).toEqual([["clovis/workspace/SOUL.md", "olá"], ["fleet.yaml", "kind: Fleet\n"]]);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`).toSorted()).toEqual([
      "big.txt: too large",
      "clovis/workspace/latin1.txt: binary",
      "clovis/workspace/logo.png: binary",
      "link.txt: symbolic link",
    ]);
  });
});

test.each<[string, () => Promise<void>]>([
  ["clovis/agent.yaml is not text in UTF-8", () => put("clovis/agent.yaml", new Uint8Array([0x63, 0x61, 0x66, 0xe9]))],
  ["fleet.yaml is larger than 1 MiB", () => put("fleet.yaml", "#".repeat(2 ** 20 + 1))],
  ["clovis/agent.yaml is a symbolic link, and those are not followed", async () => {
    await put("clovis/workspace/A.md", "");
    await symlink("/etc/passwd", join(root, "clovis/agent.yaml"));
  }],
])("nothing is read where %s: the agent is not gone", async (message, plant) => {
  await plant();
  const refusal = { code: "FILE_UNREADABLE", message, outcome: "refused" };
  await expect(readSources(root)).rejects.toMatchObject(refusal);
  await expect(inspectRepository(root)).rejects.toMatchObject(refusal);
});

describe("reading sources, and what is rendered of them", () => {
  test("each file is in one of them, the fleet's own rendered ones in both", async () => {
    for (const path of ["fleet.yaml", "k8s/namespace.yaml", "clovis/agent.yaml", "clovis/k8s/service.yaml", "clovis/workspace/k8s/notes.md", "clovis/k8s/deep/own.yaml", "node_modules/k8s/x.yaml"]) await put(path, path);
    await put("clovis/k8s/logo.png", new Uint8Array([0x89, 0x50, 0, 1]));
    await mkdir(join(root, "linked"));
    await symlink(join(root, "clovis/k8s"), join(root, "linked/k8s"));
    expect([...(await readSources(root)).keys()]).toEqual(["clovis/agent.yaml", "clovis/workspace/k8s/notes.md", "fleet.yaml", "k8s/namespace.yaml"]);
    const rendered = renderedFiles(root);
    expect([...rendered.keys()].toSorted()).toEqual(["clovis/k8s/logo.png", "clovis/k8s/service.yaml", "k8s/namespace.yaml"]);
    expect(["clovis/k8s/logo.png", "clovis/k8s/service.yaml", "fleet.yaml", "clovis/k8s/absent.yaml"].map((path) => rendered.get(path))).toEqual([undefined, "clovis/k8s/service.yaml", undefined, undefined]);
  });
});

describe("writing", () => {
  test("only what differs, whole", async () => {
    await put("a/k8s/same.yaml", "1");
    const before = (await stat(join(root, "a/k8s/same.yaml"))).mtimeMs;
    const written = await writeFiles(root, new Map([["a/k8s/same.yaml", "1"], ["a/k8s/new/deep.yaml", "2"]]));
    expect(written).toEqual(["a/k8s/new/deep.yaml"]);
    expect(await readFile(join(root, "a/k8s/new/deep.yaml"), "utf8")).toBe("2");
    expect((await stat(join(root, "a/k8s/same.yaml"))).mtimeMs).toBe(before);
  });

  test("nothing at all when one path leads out of the root", async () => {
    const files = new Map([["fine.yaml", "1"], ["../out.yaml", "2"]]);
    await expect(writeFiles(root, files)).rejects.toMatchObject({ code: "PATH_OUTSIDE", outcome: "refused" });
    await expect(stat(join(root, "fine.yaml"))).rejects.toThrow();
  });

  test("a failure leaves no half file and says where", async () => {
    await put("blocked", "");
    await expect(writeFiles(root, new Map([["blocked/a.yaml", "1"]]))).rejects.toMatchObject({ code: "FILE_NOT_WRITTEN", where: { file: join(root, "blocked/a.yaml") } });
  });
});
