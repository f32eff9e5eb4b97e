import { access } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pullSecretCredentials } from "../../src/registry/credentials.ts";
import { resolveDigest, resolveImage } from "../../src/registry/image.ts";
import { freePort } from "./vault-server.ts";
import {
  PASSWORD,
  pushImage,
  startPasswordRegistry,
  startTokenRegistry,
  USERNAME,
  type RegistryServer,
} from "./registry-server.ts";

const HOST = "registry.digitalocean.com";
const NAME = "digitalsys/openclaw-agent";
const LABELS = {
  "org.opencontainers.image.title": "openclaw-agent",
  "dev.frota.openclaw.version": "2026.9.2",
  "dev.frota.openclaw.engines": ">=22.22.3 <23",
  "dev.frota.node.version": "22.23.3",
};
const auth = Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64");
const credentials = pullSecretCredentials(JSON.stringify({ auths: { [HOST]: { auth } } }));
const installed = await access("/usr/bin/docker-registry").then(() => true, () => false);

// Without the Debian package docker-registry there is no real registry to talk to.
describe.skipIf(!installed).each([
  ["a password", startPasswordRegistry],
  ["a token", startTokenRegistry],
])("a registry with %s", (_kind, start) => {
  let server: RegistryServer;
  let single = "";
  let index = "";
  const options = () => ({ mirrors: { [HOST]: server.url }, credentials });

  beforeAll(async () => {
    server = await start();
    single = await pushImage(server, NAME, "single", { labels: LABELS, architectures: ["amd64"] });
    index = await pushImage(server, NAME, "latest", { labels: LABELS, architectures: ["amd64", "arm64", "unknown"] });
  });
  afterAll(() => server.stop());

  test("resolves a plain image under its production name", async () => {
    expect(await resolveImage(`${HOST}/${NAME}:single`, options())).toEqual({
      reference: `${HOST}/${NAME}:single`,
      digest: single,
      platforms: [{ os: "linux", architecture: "amd64", digest: single }],
      labels: LABELS,
      openclawVersion: "2026.9.2",
      engines: ">=22.22.3 <23",
      node: "22.23.3",
    });
  });

  test("resolves an index: its own digest, the platforms without attestations, the labels", async () => {
    const image = await resolveImage(`${HOST}/${NAME}`, options());
    expect(image.digest).toBe(index);
    expect(image.platforms.map(({ os, architecture }) => `${os}/${architecture}`)).toEqual(["linux/amd64", "linux/arm64"]);
    expect(image.labels).toEqual(LABELS);
  });

  test("resolves by digest, and the digest of a tag alone", async () => {
    expect((await resolveImage(`${HOST}/${NAME}:other@${index}`, options())).digest).toBe(index);
    expect(await resolveDigest(`${HOST}/${NAME}:single`, options())).toBe(single);
    expect(await resolveDigest(`${HOST}/${NAME}`, options())).toBe(index);
  });

  test.each([
    ["a tag that is not there", `${NAME}:none`, "IMAGE_NOT_FOUND"],
    ["a digest that is not there", `${NAME}@sha256:${"0".repeat(64)}`, "IMAGE_NOT_FOUND"],
  ])("says so about %s", async (_case, image, code) => {
    await expect(resolveImage(`${HOST}/${image}`, options())).rejects.toMatchObject({ code });
    await expect(resolveDigest(`${HOST}/${image}`, options())).rejects.toMatchObject({ code });
  });

  test("refuses without credentials, and with wrong ones, without repeating them", async () => {
    const mirrors = { [HOST]: server.url };
    await expect(resolveImage(`${HOST}/${NAME}`, { mirrors })).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
    const wrong = pullSecretCredentials(JSON.stringify({ auths: { [HOST]: { username: USERNAME, password: "wrong-one" } } }));
    const error: unknown = await resolveImage(`${HOST}/${NAME}`, { mirrors, credentials: wrong }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
    expect(String(error)).not.toContain("wrong-one");
  });

  test("says that nobody answers", async () => {
    const mirrors = { [HOST]: `http://127.0.0.1:${await freePort()}` };
    await expect(resolveImage(`${HOST}/${NAME}`, { mirrors })).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  });
});
