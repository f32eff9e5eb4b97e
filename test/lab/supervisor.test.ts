import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
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
