import { access, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { buildControllerImage, type ControllerImageBuild } from "../../src/lab/image/controller-image.ts";
import type { ImageWorkshop } from "../../src/lab/image/workshop.ts";
import { resolveImage } from "../../src/registry/image.ts";
import { PASSWORD, startPasswordRegistry, USERNAME, type RegistryServer } from "./registry-server.ts";

const HOST = "registry.digitalocean.com";
const ROOT = join(import.meta.dirname, "../..");
const programs = ["/usr/bin/buildah", "/usr/bin/docker-registry", "/usr/sbin/debootstrap"];
const credentials = () => Promise.resolve({ username: USERNAME, password: PASSWORD });
const installed = (await Promise.all(programs.map((path) => access(path).then(() => true, () => false)))).every(Boolean);

describe.skipIf(!installed || process.getuid?.() !== 0)("the controller's image", () => {
  let folder: string;
  let server: RegistryServer;
  let workshop: ImageWorkshop;
  let build: ControllerImageBuild;

  beforeAll(async () => {
    // Brings the bundle up to date.
    await execa(join(ROOT, "bin/frota"), ["version"]);
    folder = await mkdtemp(join(tmpdir(), "frota-controller-image-"));
    server = await startPasswordRegistry();
    workshop = {
      folder: join(folder, "images"),
      logFile: join(folder, "build.log"),
      env: process.env,
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    build = { repository: `${HOST}/digitalsys/frota-controller`, registry: { mirrors: { [HOST]: server.url }, credentials } };
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  test("is pushed under the tool's version, once", async () => {
    const first = await buildControllerImage(workshop, build);
    expect(first).toMatchObject({ outcome: "built", tags: [packageJson.version], base: { substitute: false } });
    const found = await resolveImage(`${build.repository}:${packageJson.version}`, build.registry);
    expect(found.digest).toBe(first.digest);
    expect(found.labels).toMatchObject({ "org.opencontainers.image.title": "frota-controller", "org.opencontainers.image.version": packageJson.version });
    expect(await buildControllerImage(workshop, build)).toMatchObject({ outcome: "unchanged", digest: first.digest });
  });

  test("runs frota as nobody, without a shell, a network or a file of this machine", async () => {
    const [staged = ""] = await readdir(join(workshop.folder, "controller"));
    const root = join(workshop.folder, "controller", staged, "rootfs");
    const frota = (...words: readonly string[]) =>
      execa("unshare", ["--net", "chroot", "--userspec=65532:65532", root, "/opt/frota/bin/frota", ...words], { env: { HOME: "/tmp", PATH: process.env["PATH"] }, extendEnv: false, reject: false });
    expect((await frota("version")).stdout).toBe(`frota ${packageJson.version} (node ${process.versions.node})`);
    // A command that loads chunks of the bundle.
    expect((await frota("controller", "status", "-n", "bots", "--context", "nowhere")).stderr).toContain("KUBECONFIG_INVALID");
    await expect(access(join(root, "bin/sh"))).rejects.toThrow();
  });
});
