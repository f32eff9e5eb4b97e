import { readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { FrotaError } from "../../spec/error.ts";
import type { LabLayout } from "../layout.ts";
import { serviceLog, stopService } from "../services/supervisor.ts";

/** How the caller starts the two processes; each resolves when its process is ready, or throws LAB_TIMEOUT. */
export interface ControlPlaneStart {
  startEtcd(): Promise<void>;
  startApiServer(): Promise<void>;
}

/**
 * Starts etcd and the API server. When etcd cannot read its data any more, the data is moved aside, never deleted, and
 * both start empty: the cluster's objects come again from `agents/`, the volumes from their images. Returns the folder
 * that the unreadable data was moved to, or undefined.
 */
export async function recoverEtcd(layout: LabLayout, start: ControlPlaneStart): Promise<string | undefined> {
  try {
    await start.startEtcd();
    await start.startApiServer();
    return undefined;
  } catch (error) {
    if (!(error instanceof FrotaError) || error.code !== "LAB_ETCD_UNREADABLE") throw error;
  }
  await stopService(layout, "kube-apiserver");
  await stopService(layout, "etcd");
  const aside = join(layout.data, `etcd.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, "")}`);
  await rename(join(layout.data, "etcd"), aside);
  await start.startEtcd();
  await start.startApiServer();
  return aside;
}

const UNREADABLE = /"level":"(?:fatal|panic)"|^panic:|\bpanic: /gm;

/**
 * Watches etcd's log from now on. The returned check throws LAB_ETCD_UNREADABLE once etcd has died twice of its data;
 * once may be a port that an earlier process has not given up yet.
 */
export async function etcdLogWatch(layout: LabLayout): Promise<() => Promise<void>> {
  const log = serviceLog(layout, "etcd");
  const before = await stat(log).catch(() => undefined);
  return async () => {
    const present = await stat(log).catch(() => undefined);
    // A logger that was killed has its file set aside at the next start: then all of the new one counts.
    const from = present?.ino === before?.ino ? (before?.size ?? 0) : 0;
    const text = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(from).toString("utf8");
    if ((text.match(UNREADABLE)?.length ?? 0) < 2) return;
    throw new FrotaError({ code: "LAB_ETCD_UNREADABLE", message: "etcd cannot read its data", where: { file: log }, next: "frota lab up" });
  };
}
