import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { fileExists } from "../file-exists.ts";
import type { LabLayout } from "../layout.ts";
import { until } from "../until.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** A long-running process of the lab, restarted by the supervisor whenever it ends. */
export interface Service {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** True once it does its work; asked from the host. Absent: running is enough. */
  readonly ready?: () => Promise<boolean>;
  /** Seconds that `ready` may take; 120 where absent: many times what it takes on a quiet machine. */
  readonly patience?: number;
}

/** Where a service's output goes: a folder of files rotated by size, `current` the newest. */
export function serviceLog(layout: LabLayout, name: string): string {
  return join(layout.logs, name, "current");
}

/**
 * Makes a service run as defined: writes its run script, starts it, restarts it when the definition has changed, and
 * waits until it is ready.
 */
export async function ensureService(layout: LabLayout, service: Service, signal: AbortSignal): Promise<void> {
  const folder = join(layout.services, service.name);
  await writeService(layout, folder, service);
  // The supervisor looks for new folders every five seconds; the pipe is its sign that it has found this one.
  await until(() => sv("status", folder), { signal, seconds: 60, what: `the supervisor to find ${service.name}` });
  const changed = await fileExists(changeNote(folder));
  await sv(changed ? "restart" : "up", folder);
  await rm(changeNote(folder), { force: true });
  const { ready } = service;
  if (!ready) return;
  await until(async () => ((await ready()) ? true : undefined), {
    signal,
    seconds: service.patience ?? 120,
    what: `${service.name} (log: ${serviceLog(layout, service.name)})`,
  });
}

/** Stops a service and keeps it stopped until {@link ensureService} is called for it. */
export async function stopService(layout: LabLayout, name: string): Promise<void> {
  const folder = join(layout.services, name);
  await sv("stop", folder);
  // Of a service that has just died, sv says that it is down before the supervisor has heard of the wish: it pauses for a
  // second. A wish to start it would until then be taken as known, and be lost.
  const heard = async () => ((await execa("sv", ["status", folder], { reject: false })).stdout.includes("want up") ? undefined : true);
  await until(heard, { signal: new AbortController().signal, seconds: 60, what: `the supervisor to stop ${name}` });
}

async function sv(verb: string, folder: string): Promise<true | undefined> {
  const result = await execa("sv", ["-w", "20", verb, folder], { reject: false });
  return result.stdout.startsWith("fail") || result.stdout.startsWith("warning") ? undefined : true;
}

async function writeService(layout: LabLayout, folder: string, service: Service): Promise<void> {
  const logs = join(layout.logs, service.name);
  await mkdir(join(folder, "log"), { recursive: true });
  await mkdir(logs, { recursive: true });
  await writeScript(join(folder, "log", "run"), `#!/bin/sh\nexec svlogd ${quote(logs)}\n`);
  await writeFile(join(logs, "config"), "s4000000\nn3\n");
  // Nothing starts by itself after a reboot: `up` starts services in their order.
  await writeFile(join(folder, "down"), "");
  const [path, text] = [join(folder, "run"), runScript(layout, service)];
  if ((await readFile(path, "utf8").catch(() => undefined)) === text) return;
  await writeFile(changeNote(folder), "");
  await writeScript(path, text);
}

/** There from before a run script changes until the service was restarted with it: a killed `up` loses no restart. */
function changeNote(folder: string): string {
  return join(folder, "changed");
}

function runScript(layout: LabLayout, service: Service): string {
  const env = Object.entries(service.env ?? {}).map(([name, value]) => quote(`${name}=${value}`));
  const command = [...(env.length > 0 ? ["env", ...env] : []), ...service.argv.map(quote)];
  return `#!/bin/sh\nexec 2>&1\ncd ${quote(layout.data)}\nexec ${command.join(" \\\n  ")}\n`;
}

async function writeScript(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, text, { mode: 0o755 });
}

/** Quotes a word for sh, unless it needs no quotes. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
