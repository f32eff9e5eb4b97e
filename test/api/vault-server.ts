import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { acquire } from "../../src/lab/components/acquire.ts";
import { ACQUIRE_CONTEXT } from "./binaries.ts";

/** A real Vault (or OpenBao) in development mode on a loopback port, its data in memory. */
export interface VaultServer {
  readonly address: string;
  readonly rootToken: string;
  stop(): Promise<void>;
}

/** The lab's own program; made or downloaded on first use. */
export async function vaultProgram(): Promise<string> {
  const { files } = await acquire("vault", ACQUIRE_CONTEXT);
  const program = files["vault"];
  if (program === undefined) throw new Error("the component vault has no program of that name");
  return program;
}

/** Starts a server and waits until it answers. */
export async function startVault(program: string): Promise<VaultServer> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const rootToken = `root-${port}`;
  const server = spawn(
    program,
    ["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${rootToken}`, `-dev-listen-address=127.0.0.1:${port}`],
    { stdio: "ignore" },
  );
  await untilAnswering(`${address}/v1/sys/health`, server);
  return {
    address,
    rootToken,
    async stop() {
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    },
  };
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Waits up to 90 s for any HTTP answer; rejects when the process ends first. */
export async function untilAnswering(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the server of ${url} exited with ${server.exitCode}`);
    const answered = await fetch(url).then(() => true, () => false);
    if (answered) return;
    await delay(100);
  }
  throw new Error(`nothing answers at ${url}`);
}
