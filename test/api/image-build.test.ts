import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage, type ImageBuild } from "../../src/lab/image/build-image.ts";
import type { ImageWorkshop } from "../../src/lab/image/workshop.ts";
import { resolveImage } from "../../src/registry/image.ts";
import { PASSWORD, startPasswordRegistry, USERNAME, type RegistryServer } from "./registry-server.ts";

const HOST = "registry.digitalocean.com";
const programs = ["/usr/bin/buildah", "/usr/bin/docker-registry", "/usr/sbin/debootstrap"];
const installed = (await Promise.all(programs.map((path) => access(path).then(() => true, () => false)))).every(Boolean);

// Real buildah and a real registry; the image has no base, so that nothing is downloaded.
describe.skipIf(!installed || process.getuid?.() !== 0)("building an image", () => {
  let folder: string;
  let server: RegistryServer;
  let workshop: ImageWorkshop;
  let build: ImageBuild;
  const told: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "frota-image-build-"));
    server = await startPasswordRegistry();
    const source = join(folder, "base");
    await mkdir(source);
    await writeFile(join(source, "Dockerfile"), "ARG BASE_IMAGE=scratch\nFROM ${BASE_IMAGE}\nARG NAME=one\nCOPY file /\nLABEL name=${NAME}\n");
    await writeFile(join(source, "file"), "first");
    workshop = {
      folder: join(folder, "images"),
      logFile: join(folder, "build.log"),
      env: process.env,
      signal: new AbortController().signal,
      progress: (text) => told.push(text),
    };
    const registry = {
      mirrors: { [HOST]: server.url },
      credentials: () => Promise.resolve({ username: USERNAME, password: PASSWORD }),
    };
    build = { folder: source, repository: `${HOST}/digitalsys/agent`, tags: ["latest", "abc"], registry };
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  test("builds and pushes under every tag, builds nothing when nothing changed, and builds again after a change", async () => {
    const first = await buildImage(workshop, build);
    expect(first).toMatchObject({ outcome: "built", labels: { name: "one" }, base: { reference: "scratch", substitute: false } });
    for (const tag of build.tags) expect((await resolveImage(`${build.repository}:${tag}`, build.registry)).digest).toBe(first.digest);
    expect(told).toContain("step 3 of 6: COPY file /");

    told.length = 0;
    expect(await buildImage(workshop, build)).toMatchObject({ outcome: "unchanged", digest: first.digest, tags: ["latest"] });
    expect(told).toEqual([]);

    const argument = await buildImage(workshop, { ...build, tags: ["two"], arguments: { NAME: "two" } });
    expect(argument).toMatchObject({ outcome: "built", labels: { name: "two" } });

    expect(await buildImage(workshop, { ...build, arguments: { NAMES: "none has it" } }), "what no ARG declares").toMatchObject({ outcome: "unchanged", digest: first.digest });

    await writeFile(join(build.folder, "file"), "second");
    const changed = await buildImage(workshop, build);
    expect(changed.outcome).toBe("built");
    expect(changed.digest).not.toBe(first.digest);
  });

  test("tells which step failed and where the log is", async () => {
    const source = join(folder, "broken");
    await mkdir(source);
    await writeFile(join(source, "Dockerfile"), "ARG BASE_IMAGE=scratch\nFROM ${BASE_IMAGE}\nCOPY missing /\n");
    await expect(buildImage(workshop, { ...build, folder: source })).rejects.toMatchObject({
      code: "IMAGE_BUILD_FAILED",
      message: expect.stringMatching(/step 2 of 4: COPY missing.*missing.*no such file/),
      where: { file: workshop.logFile },
    });
  });

  test("refuses a wrong password before anything is built", async () => {
    const registry = { ...build.registry, credentials: () => Promise.resolve({ username: USERNAME, password: "wrong" }) };
    await expect(buildImage(workshop, { ...build, registry })).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
  });

  test("stops at once when aborted", async () => {
    const abort = new AbortController();
    abort.abort();
    await writeFile(join(build.folder, "file"), "third");
    await expect(buildImage({ ...workshop, signal: abort.signal }, build)).rejects.toThrow(/abort/i);
  });

  test("leaves no mount, no work in progress and no password behind", async () => {
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(folder);
    await expect(access(join(workshop.folder, "private", "auth.json"))).rejects.toThrow();
    const log = await readFile(workshop.logFile, "utf8");
    expect(log).not.toContain(PASSWORD);
    expect(log).not.toContain(Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64"));
  });
});
