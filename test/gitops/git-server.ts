import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A Git server. */
export interface GitServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  stop(): void;
}

/** Serves the bare repositories of a folder by Git's own CGI program, for reading. */
export async function startGitServer(folder: string): Promise<GitServer> {
  const server = createServer((request, response) => void answer(folder, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    address: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? "/", "http://git");
  const { "content-type": type, "content-encoding": encoding, "git-protocol": protocol } = request.headers;
  const environment = {
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: request.method ?? "GET",
    CONTENT_TYPE: type ?? "",
    HTTP_CONTENT_ENCODING: encoding ?? "",
    GIT_PROTOCOL: String(protocol ?? ""),
  };
  const program = spawn("git", ["http-backend"], { env: { PATH: process.env["PATH"], ...environment }, stdio: ["pipe", "pipe", "inherit"] });
  request.pipe(program.stdin);
  program.stdin.on("error", () => undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of program.stdout) chunks.push(Buffer.from(chunk));
  const output = Buffer.concat(chunks);
  const end = output.indexOf("\r\n\r\n");
  const head = output.subarray(0, end).toString();
  const headers = head.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const);
  const status = headers.find(([name]) => name === "Status")?.[1];
  response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
  response.end(output.subarray(end + 4));
}
