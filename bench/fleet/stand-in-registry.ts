import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** A registry that serves one image, and counts who asks. */
export interface StandInRegistry {
  /** `127.0.0.1:PORT/bench/openclaw-agent` */
  readonly repository: string;
  /** Digest of its tag `latest`. */
  readonly digest: string;
  /** Requests answered so far. */
  requests(): number;
  close(): void;
}

interface Content {
  readonly digest: string;
  readonly text: string;
  readonly type: string;
}

function content(type: string, value: unknown): Content {
  const text = JSON.stringify(value);
  return { type, text, digest: `sha256:${createHash("sha256").update(text).digest("hex")}` };
}

/** Starts it on a free loopback port. The image says of itself what agents/base/Dockerfile makes an image say. */
export async function startRegistry(): Promise<StandInRegistry> {
  const labels = { "dev.frota.openclaw.version": "2026.9.2", "dev.frota.openclaw.engines": ">=22.12.0", "dev.frota.node.version": "22.23.3" };
  const configuration = content("application/vnd.oci.image.config.v1+json", {
    os: "linux",
    architecture: "amd64",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [] },
  });
  const size = Buffer.byteLength(configuration.text);
  const manifest = content("application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: configuration.type, digest: configuration.digest, size },
    layers: [],
  });
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    const found = [configuration, manifest].find(({ digest }) => request.url?.endsWith(digest)) ?? (request.url?.endsWith("/manifests/latest") ? manifest : undefined);
    if (!found) {
      response.writeHead(request.url === "/v2/" ? 200 : 404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": found.type, "Docker-Content-Digest": found.digest, "Content-Length": Buffer.byteLength(found.text) });
    response.end(request.method === "HEAD" ? undefined : found.text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { repository: `127.0.0.1:${port}/bench/openclaw-agent`, digest: manifest.digest, requests: () => requests, close: () => server.close() };
}
