import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { follow, type Recipe } from "./recipe.ts";
import { downloadRelease, findSum } from "./release.ts";

const PROGRAM = "#!/bin/sh\necho 1.13.1\n";
const SUM = createHash("sha256").update(PROGRAM).digest("hex");

let home: string;
let site: Server;
let url: string;
/** What the release site serves, by path. */
let files: Record<string, string>;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "frota-recipe-"));
  files = { "/coredns": PROGRAM, "/coredns.sha256": `${SUM}  coredns\n` };
  site = createServer((request, answer) => {
    const body = files[request.url ?? ""];
    answer.statusCode = body === undefined ? 404 : 200;
    answer.end(body);
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const address = site.address();
  url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
});
afterEach(async () => {
  site.closeAllConnections();
  site.close();
  await rm(home, { recursive: true });
});

const context = () => ({ env: { HOME: home }, signal: new AbortController().signal, progress: () => undefined });

function recipe(more: Partial<Recipe> = {}): Recipe {
  return {
    name: "coredns",
    version: "1.13.1",
    files: ["coredns"],
    release: {
      key: "release",
      probes: [`${url}/coredns.sha256`],
      make: async (folder, { signal }) =>
        downloadRelease(
          { url: `${url}/coredns`, sha256: { url: `${url}/coredns.sha256`, fileName: "coredns" } },
          join(folder, "coredns"),
          { ...context(), signal },
        ),
    },
    local: { key: "built", origin: "build", make: async (folder) => writeFile(join(folder, "coredns"), "built here") },
    ...more,
  };
}

describe("follow", () => {
  it("links what the machine has", async () => {
    await writeFile(join(home, "coredns"), PROGRAM);
    const component = await follow(recipe({ installed: async () => ({ version: "1.13.2", files: { coredns: join(home, "coredns") } }) }), context());
    expect(component).toMatchObject({ origin: "path", version: "1.13.2" });
    expect(await readFile(component.files["coredns"] ?? "", "utf8")).toBe(PROGRAM);
  });

  it("downloads the official release, and finds it in the cache the next time", async () => {
    const first = await follow(recipe(), context());
    expect(first.origin).toBe("download");
    expect(await readFile(first.files["coredns"] ?? "", "utf8")).toBe(PROGRAM);
    files = {};
    expect((await follow(recipe(), context())).origin).toBe("cache");
  });

  it("builds where the release cannot be reached", async () => {
    files = {};
    const component = await follow(recipe(), context());
    expect(component.origin).toBe("build");
    expect(await readFile(component.files["coredns"] ?? "", "utf8")).toBe("built here");
  });

  it("builds where the connection breaks after the probe", async () => {
    delete files["/coredns"];
    expect((await follow(recipe(), context())).origin).toBe("build");
  });

  it("takes what was built before rather than download", async () => {
    const served = files;
    files = {};
    await follow(recipe(), context());
    files = served;
    expect((await follow(recipe(), context())).origin).toBe("cache");
  });

  it("refuses a release with another sum", async () => {
    files["/coredns"] = "something else";
    await expect(follow(recipe(), context())).rejects.toMatchObject({ code: "DOWNLOAD_CORRUPT" });
  });

  it("refuses a way that makes too little", async () => {
    files = {};
    const empty = { key: "built", origin: "build", make: async () => undefined } as const;
    await expect(follow(recipe({ local: empty }), context())).rejects.toThrow("made without its coredns");
  });
});

describe("findSum", () => {
  it.each([
    ["a bare sum", `${SUM}\n`],
    ["a line of it", `${SUM}  coredns`],
    ["a line for a binary file", `${SUM} *coredns`],
    ["lines of several files", `${"0".repeat(64)}  etcd\n${SUM}  coredns\n`],
  ])("finds %s", (_, text) => expect(findSum(text, "coredns")).toBe(SUM));

  it("finds none for a file that is not in the list", () => {
    expect(findSum(`${SUM}  etcd\n${SUM}  kubelet\n`, "coredns")).toBeUndefined();
  });

  it("takes no error page for a sum", () => expect(findSum("<html>not found</html>", "coredns")).toBeUndefined());
});
