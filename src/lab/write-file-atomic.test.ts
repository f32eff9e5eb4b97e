import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomic } from "./write-file-atomic.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "frota-write-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("a file is replaced, with its mode, and nothing else stays", async () => {
  const path = join(folder, "run");
  await writeFile(path, "old and longer", { mode: 0o600 });
  await writeFileAtomic(path, "new", { mode: 0o755 });
  expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o777, await readdir(folder)]).toEqual(["new", 0o755, ["run"]]);
});

test("who has the file open reads all of what was there before", async () => {
  const path = join(folder, "record");
  await writeFileAtomic(path, "old");
  await using reader = await open(path);
  await writeFileAtomic(path, "new");
  expect([await reader.readFile("utf8"), await readFile(path, "utf8")]).toEqual(["old", "new"]);
});

test("what the lab is made of leaves Ctrl-C to the command: a listener that ends the process leaves no time to end in order", { timeout: 60_000 }, async () => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = signals.map((signal) => process.listenerCount(signal));
  await import("./up.ts");
  await import("./down.ts");
  expect(signals.map((signal) => process.listenerCount(signal))).toEqual(before);
});
