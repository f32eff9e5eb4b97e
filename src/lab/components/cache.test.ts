import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheFolder, cacheKey, fillCache, readSources } from "./cache.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "frota-cache-"));
});
afterEach(() => rm(home, { recursive: true }));

function context() {
  return { env: { HOME: home }, signal: new AbortController().signal, progress: () => undefined };
}
const entry = { name: "etcd", version: "3.6.5", key: "0123" };

describe("cacheKey", () => {
  it("is the same for the same parts in another order", () => {
    expect(cacheKey({ "go.mod": "a", "main.go": "b" })).toBe(cacheKey({ "main.go": "b", "go.mod": "a" }));
  });

  it.each([
    ["a content", { "go.mod": "a", "main.go": "c" }],
    ["a name", { "go.mod": "a", "other.go": "b" }],
    ["which content has which name", { "go.mod": "b", "main.go": "a" }],
    ["a further part", { "go.mod": "a", "main.go": "b", "go.sum": "" }],
  ])("changes with %s", (_, parts) => {
    expect(cacheKey(parts)).not.toBe(cacheKey({ "go.mod": "a", "main.go": "b" }));
  });
});

describe("cacheFolder", () => {
  it("is below XDG_CACHE_HOME, or ~/.cache", () => {
    expect(cacheFolder({ HOME: "/home/ana" }, entry)).toBe("/home/ana/.cache/frota/components/etcd-3.6.5-0123");
    expect(cacheFolder({ HOME: "/home/ana", XDG_CACHE_HOME: "/var/tmp" }, entry)).toBe("/var/tmp/frota/components/etcd-3.6.5-0123");
  });
});

describe("readSources", () => {
  it("reads the named files and folders only, without tests", async () => {
    await mkdir(join(home, "coredns", "deep"), { recursive: true });
    await mkdir(join(home, "coredns", "testdata"));
    await writeFile(join(home, "coredns", "testdata", "zone"), "z");
    await writeFile(join(home, "coredns", "main_test.go"), "t");
    await writeFile(join(home, "go.mod"), "m");
    await writeFile(join(home, "other"), "o");
    await writeFile(join(home, "coredns", "deep", "main.go"), "p");
    const sources = await readSources(home, ["go.mod", "coredns"]);
    expect(Object.keys(sources).sort()).toEqual(["coredns/deep/main.go", "go.mod"]);
  });
});

describe("fillCache", () => {
  it("makes an entry once, however many ask at the same time", async () => {
    const folder = cacheFolder(context().env, entry);
    let made = 0;
    const make = async (empty: string) => {
      made++;
      await writeFile(join(empty, "etcd"), "program");
    };
    const asked = await Promise.all([1, 2, 3].map(() => fillCache(folder, context(), make)));
    expect(made).toBe(1);
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await readFile(join(folder, "etcd"), "utf8")).toBe("program");
  });

  it("leaves nothing of an attempt that failed, and lets the next one succeed", async () => {
    const folder = cacheFolder(context().env, entry);
    await expect(fillCache(folder, context(), broken)).rejects.toThrow("no connection");
    expect(await names(folder)).toEqual(["etcd-3.6.5-0123.lock"]);
    expect(await fillCache(folder, context(), async () => undefined)).toBe(true);
  });

  it("clears away what a killed run left", async () => {
    const folder = cacheFolder(context().env, entry);
    await mkdir(`${folder}.unfinished-abc`, { recursive: true });
    await fillCache(folder, context(), async () => undefined);
    expect(await names(folder)).toEqual(["etcd-3.6.5-0123", "etcd-3.6.5-0123.lock"]);
  });
});

async function broken(empty: string): Promise<void> {
  await writeFile(join(empty, "half"), "");
  throw new Error("no connection");
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(join(folder, ".."))).sort();
}
