import { access, cp, mkdtemp, readdir, rm, stat } from "node:fs/promises";
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

  /** The image's files, as the first test built it. */
  async function rootfs(): Promise<string> {
    const [staged = ""] = await readdir(join(workshop.folder, "controller"));
    return join(workshop.folder, "controller", staged, "rootfs");
  }

  async function frota(...words: readonly string[]) {
    const root = await rootfs();
    return execa("unshare", ["--net", "chroot", "--userspec=65532:65532", root, "/opt/frota/bin/frota", ...words], { env: { HOME: "/tmp", PATH: process.env["PATH"] }, extendEnv: false, reject: false });
  }

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
    expect((await frota("version")).stdout).toBe(`frota ${packageJson.version} (node ${process.versions.node})`);
    // A command that loads chunks of the bundle.
    expect((await frota("controller", "status", "-n", "bots", "--context", "nowhere")).stderr).toContain("KUBECONFIG_INVALID");
    await expect(access(join(await rootfs(), "bin/sh"))).rejects.toThrow();
  });

  test("is small, starts at once, and checks a fleet repository that it is given", async () => {
    const root = await rootfs();
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
    const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
    const began = performance.now();
    await frota("version");
    process.stderr.write(`controller's image: ${megabytes.toFixed(0)} MB in ${files.length} files, \`frota version\` in ${(performance.now() - began).toFixed(0)} ms\n`);
    expect(megabytes).toBeLessThan(180);
    expect(files.length).toBeLessThan(300);
    await cp(join(ROOT, "agents"), join(root, "fleet"), { recursive: true });
    expect(await frota("check", "--repo", "/fleet")).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^ok: 3 agents/) });
  });
});
