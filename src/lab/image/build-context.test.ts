import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withBuildContext, type ContextSource } from "./build-context.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-context-"));
});

afterEach(() => rm(root, { recursive: true }));

const place = () => ({ folder: join(root, "contexts"), progress: () => undefined });
const contents = (folder: string) => readFile(join(folder, "rootfs/opt/frota/frota.js"), "utf8");

/** What a version of the tool builds its image from. */
async function version(name: string): Promise<ContextSource> {
  const [dockerfile, source] = [join(root, `${name}.Dockerfile`), join(root, `${name}.js`)];
  await writeFile(dockerfile, "FROM scratch\n");
  await writeFile(source, name);
  return { dockerfile, files: [{ source, target: "/opt/frota/frota.js", executable: true }] };
}

test("a build keeps its files whatever other builds do meanwhile: of another version, of the same, at the same time", async () => {
  const [one, other] = [await version("one"), await version("another")];
  await withBuildContext(place(), one, async (folder) => {
    const built = await Promise.all([other, other, one, other].map((source) => withBuildContext(place(), source, contents)));
    expect(built).toEqual(["another", "another", "one", "another"]);
    expect(await contents(folder)).toBe("one");
    expect((await readdir(folder)).toSorted()).toEqual(["Dockerfile", "rootfs"]);
    expect((await stat(join(folder, "rootfs/opt/frota/frota.js"))).mode & 0o777).toBe(0o755);
  });
});

test("builds that clear away each other's collections all have their files", async () => {
  const [one, other] = [await version("one"), await version("another")];
  for (let round = 0; round < 25; round += 1) {
    const built = await Promise.all([one, other, other, one, other].map((source) => withBuildContext(place(), source, contents)));
    expect(built).toEqual(["one", "another", "another", "one", "another"]);
  }
});

test("nothing is left of a build but one collection, which the next build of the same uses", async () => {
  const [one, other] = [await version("one"), await version("another")];
  await withBuildContext(place(), one, contents);
  await withBuildContext(place(), other, contents);
  const [collection = "", ...rest] = await readdir(place().folder);
  expect([collection, rest]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), []]);
  const told: string[] = [];
  await withBuildContext({ ...place(), progress: (text) => told.push(text) }, other, contents);
  expect(told).toEqual([]);
});

test("what a killed build left is cleared away after a day", async () => {
  await withBuildContext(place(), await version("one"), async (folder) => {
    const killed = join(place().folder, "build-killed");
    await writeFile(killed, "");
    await utimes(killed, 0, 0);
    await withBuildContext(place(), await version("another"), contents);
    expect(await readdir(place().folder)).not.toContain("build-killed");
    expect(await contents(folder)).toBe("one");
  });
});
