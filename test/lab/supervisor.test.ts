import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabLayout } from "../../src/lab/layout.ts";
import { ensureService, stopService, type Service } from "../../src/lab/services/supervisor.ts";
import { layoutOf } from "./lab.ts";

const signal = new AbortController().signal;
let layout: LabLayout;
let supervisor: ChildProcess;

beforeAll(async () => {
  const data = await mkdtemp(join(tmpdir(), "frota-supervisor-"));
  layout = { ...layoutOf(), data, services: join(data, "services"), logs: join(data, "logs") };
  await mkdir(layout.services);
  supervisor = spawn("setpriv", ["--pdeathsig", "HUP", "--", "runsvdir", "-P", layout.services], { stdio: "ignore" });
});

/** HUP ends the services too, in their own time. */
afterAll(async () => {
  supervisor.kill("SIGHUP");
  await once(supervisor, "exit");
  await rm(layout.data, { recursive: true, maxRetries: 20, retryDelay: 250 });
});

test("a service that has just died is stopped and started again, because that is how an unreadable etcd is made anew", async () => {
  const isRunning = async () => (await execa("sv", ["status", join(layout.services, "fickle")], { reject: false })).stdout.startsWith("run:");
  const service: Service = { name: "fickle", argv: ["sh", "-c", "sleep 0.6; test -e mended && exec sleep 600"], patience: 10 };
  const hasDied = async () => !(await isRunning());
  await ensureService(layout, { ...service, ready: hasDied }, signal);
  await stopService(layout, "fickle");
  await writeFile(join(layout.data, "mended"), "");
  await ensureService(layout, { ...service, ready: isRunning }, signal);
  expect(await isRunning()).toBe(true);
});

/** A service that writes a word into the file `said`, and stays. */
function saying(word: string): Service {
  return { name: "speaker", argv: ["sh", "-c", `echo ${word} > said; exec sleep 600`] };
}

test("a service whose new definition was written by an `up` that was killed then is restarted with it", async () => {
  const said = () => readFile(join(layout.data, "said"), "utf8").catch(() => "");
  await ensureService(layout, { ...saying("old"), ready: async () => (await said()) === "old\n" }, signal);
  // Killed before the restart: the definition is there, and what runs is the old one.
  const killed = AbortSignal.abort(new Error("killed"));
  await expect(ensureService(layout, saying("new"), killed)).rejects.toThrow("killed");
  expect(await said()).toBe("old\n");
  await ensureService(layout, { ...saying("new"), ready: async () => (await said()) === "new\n", patience: 10 }, signal);
});
