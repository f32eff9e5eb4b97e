import { execFile, spawn } from "node:child_process";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, untilAnswering } from "./vault-server.ts";

/** A real `docker-registry` on a loopback port, its data in a temporary folder. */
export interface RegistryServer {
  readonly url: string;
  stop(): Promise<void>;
}

export const USERNAME = "lab";
export const PASSWORD = "lab-password";
/** bcrypt of {@link PASSWORD}. */
const HASH = "$2b$04$LqQGVKc2lxsUZMEAwrYzOuljAYprMUDd3uWugRlenM/xSpwL77RMG";

/** Starts a registry that asks for {@link USERNAME} and {@link PASSWORD} by a Basic challenge. */
export async function startPasswordRegistry(): Promise<RegistryServer> {
  const folder = await mkdtemp(join(tmpdir(), "frota-registry-"));
  await writeFile(join(folder, "htpasswd"), `${USERNAME}:${HASH}\n`);
  return startRegistry(folder, { htpasswd: { realm: "test", path: join(folder, "htpasswd") } });
}

/** Starts a registry that asks for tokens by a Bearer challenge, and the service that gives them for the same password. */
export async function startTokenRegistry(): Promise<RegistryServer> {
  const folder = await mkdtemp(join(tmpdir(), "frota-registry-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", "/CN=frota-test", "-days", "1", "-keyout", key, "-out", certificate];
  await promisify(execFile)("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject]);
  const tokens = await startTokenService(await readFile(key, "utf8"), await readFile(certificate, "utf8"));
  const registry = await startRegistry(folder, {
    token: { realm: tokens.url, service: "test-registry", issuer: "frota-test", rootcertbundle: certificate },
  });
  return {
    url: registry.url,
    async stop() {
      await registry.stop();
      await tokens.stop();
    },
  };
}

async function startRegistry(folder: string, auth: object): Promise<RegistryServer> {
  const port = await freePort();
  const config = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: `127.0.0.1:${port}` },
    auth,
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const server = spawn("docker-registry", ["serve", join(folder, "config.json")], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(`${url}/v2/`, server);
  return {
    url,
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
      await rm(folder, { recursive: true });
    },
  };
}

/** Gives a JWT, signed as the registry demands, to whoever knows the password; to others one without any access. */
async function startTokenService(key: string, certificate: string): Promise<RegistryServer> {
  const header = { typ: "JWT", alg: "RS256", x5c: [certificate.replaceAll(/-----[A-Z ]+-----|\s/g, "")] };
  const service = createServer((request, response) => {
    const query = new URL(request.url ?? "", "http://tokens").searchParams;
    const expected = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64")}`;
    const [type, name, actions] = (query.get("scope") ?? "").split(":");
    const allowed = request.headers.authorization === expected;
    const seconds = Math.floor(Date.now() / 1000);
    const claims = {
      iss: "frota-test",
      aud: query.get("service"),
      sub: USERNAME,
      nbf: seconds - 10,
      exp: seconds + 300,
      access: allowed ? [{ type, name, actions: (actions ?? "").split(",") }] : [],
    };
    const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const signature = sign("sha256", Buffer.from(body), createPrivateKey(key)).toString("base64url");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ token: `${body}.${signature}` }));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  const address = service.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/token`,
    async stop() {
      service.closeAllConnections();
      service.close();
      await once(service, "close");
    },
  };
}

/** What a test pushes: labels, and the platforms that it is "built" for. */
export interface PushedImage {
  readonly labels: Readonly<Record<string, string>>;
  /** One gives a plain manifest, several an index; `unknown` is an attestation as BuildKit adds them. */
  readonly architectures: readonly string[];
}

/** Pushes a tiny image by the registry's own HTTP API; returns the digest of its manifest or index. */
export async function pushImage(server: RegistryServer, name: string, tag: string, image: PushedImage): Promise<string> {
  const authorize = await authorization(server, name);
  const put = async (path: string, body: string, type: string) => {
    const response = await fetch(`${server.url}/v2/${name}/${path}`, {
      method: "PUT",
      headers: { ...authorize, "content-type": type },
      body,
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.headers.get("docker-content-digest") ?? "";
  };
  const blob = async (content: string) => {
    const start = await fetch(`${server.url}/v2/${name}/blobs/uploads/`, { method: "POST", headers: authorize });
    const target = new URL(start.headers.get("location") ?? "", server.url);
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    target.searchParams.set("digest", digest);
    const headers = { ...authorize, "content-type": "application/octet-stream" };
    const response = await fetch(target, { method: "PUT", headers, body: content });
    if (!response.ok) throw new Error(`blob: ${response.status} ${await response.text()}`);
    return { digest, size: Buffer.byteLength(content) };
  };
  const manifests = [];
  for (const architecture of image.architectures) {
    const os = architecture === "unknown" ? "unknown" : "linux";
    const config = await blob(JSON.stringify({ os, architecture, config: { Labels: image.labels } }));
    const layer = await blob(`layer of ${architecture}`);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
    });
    const version = image.architectures.length === 1 ? tag : `${tag}-${architecture}`;
    const digest = await put(`manifests/${version}`, manifest, MANIFEST);
    manifests.push({ mediaType: MANIFEST, digest, size: Buffer.byteLength(manifest), platform: { os, architecture } });
  }
  if (manifests.length === 1) return manifests[0]?.digest ?? "";
  return put(`manifests/${tag}`, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }), INDEX);
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

async function authorization(server: RegistryServer, name: string): Promise<Record<string, string>> {
  const basic = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64")}`;
  const challenge = (await fetch(`${server.url}/v2/`)).headers.get("www-authenticate") ?? "";
  const realm = /^Bearer realm="([^"]+)"/.exec(challenge)?.[1];
  if (realm === undefined) return { authorization: basic };
  const query = new URLSearchParams({ service: "test-registry", scope: `repository:${name}:pull,push` });
  const response = await fetch(`${realm}?${query.toString()}`, { headers: { authorization: basic } });
  const { token } = JSON.parse(await response.text());
  return { authorization: `Bearer ${token}` };
}
