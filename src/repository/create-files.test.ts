import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFiles } from "./create-files.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-create-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const everything = async () => (await readdir(root, { recursive: true })).sort();

test("writes all, folders included, also where the root is not there yet", async () => {
  await createFiles(join(root, "new/fleet"), new Map([["a.yaml", "1"], ["b/c/d.yaml", "2"]]));
  expect(await readFile(join(root, "new/fleet/b/c/d.yaml"), "utf8")).toBe("2");
});

test("nothing is overwritten, not even a link that leads nowhere; nothing else is written", async () => {
  await writeFile(join(root, "b.yaml"), "theirs");
  await symlink("/nowhere", join(root, "c.yaml"));
  const files = new Map([["a.yaml", "1"], ["b.yaml", "2"], ["c.yaml", "3"]]);
  await expect(createFiles(root, files)).rejects.toMatchObject({ code: "FILES_EXIST", outcome: "refused", message: expect.stringContaining("overwrite b.yaml, c.yaml") });
  expect(await everything()).toEqual(["b.yaml", "c.yaml"]);
  expect(await readFile(join(root, "b.yaml"), "utf8")).toBe("theirs");
});

test("many files that exist are not all named", async () => {
  const files = new Map(Array.from({ length: 10 }, (_, index) => [`f${index}`, ""]));
  await createFiles(root, files);
  await expect(createFiles(root, files)).rejects.toThrow("f7 and 2 more");
});

test("a failure in the middle takes everything back, and only that", async () => {
  await mkdir(join(root, "had"));
  await writeFile(join(root, "blocked"), "a file where a folder belongs");
  const files = new Map([["new/deep/a.yaml", "1"], ["had/b.yaml", "2"], ["blocked/c.yaml", "3"], ["d.yaml", "4"]]);
  await expect(createFiles(root, files)).rejects.toMatchObject({ code: "FILES_EXIST", message: `a file is where a folder belongs: ${join(root, "blocked")}` });
  expect(await everything()).toEqual(["blocked", "had"]);
});
