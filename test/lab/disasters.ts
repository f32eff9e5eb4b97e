import { open, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { processStartTime } from "../../src/lab/machine/process-start-time.ts";
import { eventually, layoutOf, recordOf, spawnFrota } from "./lab.ts";

/** Ends the lab as a power cut does: the kernel ends every process, mount and device of it at once. */
export async function cutPower(lab: string): Promise<void> {
  const { init } = await recordOf(lab);
  process.kill(init.pid, "SIGKILL");
  await eventually("the lab's processes to end", 60, async () => ((await processStartTime(init.pid)) === init.startTime ? undefined : true));
}

/** Starts `lab up`, kills it with SIGKILL after so many milliseconds, and returns the last line that it had said. */
export async function killUp(lab: string, milliseconds: number): Promise<string> {
  const up = spawnFrota(["lab", "up"], lab);
  await Promise.race([delay(milliseconds), up]);
  up.kill("SIGKILL");
  const { all } = await up;
  return all.trimEnd().split("\n").at(-1) ?? "";
}

/** Starts a new lab, and kills `lab up` with SIGKILL while its Vault makes keys, before it has told them: they are lost. */
export async function killUpAmidVaultKeys(lab: string): Promise<void> {
  const { logs } = layoutOf(lab);
  const up = spawnFrota(["lab", "up"], lab);
  const said = up.then(({ all }) => Promise.reject(new Error(`lab up ended:\n${all}`)));
  const asked = eventually("Vault to be asked for its keys", 300, async () => {
    const log = await readFile(join(logs, "vault", "current"), "utf8").catch(() => "");
    return log.includes("security barrier initialized") ? true : undefined;
  }, 5);
  await Promise.race([said, asked]);
  up.kill("SIGKILL");
  await up;
}

/** Overwrites the start of etcd's database, where its meta pages are. The lab must be down. */
export async function corruptEtcd(lab: string): Promise<void> {
  const file = await open(join(layoutOf(lab).data, "etcd", "member", "snap", "db"), "r+");
  try {
    await file.write(Buffer.alloc(64 * 1024, 0x5a), 0, undefined, 0);
  } finally {
    await file.close();
  }
}
