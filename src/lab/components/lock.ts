import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";

/**
 * Runs `work` while no other process of this machine holds the lock on `path`, which is made where it is missing.
 * `waiting` is called once if another one holds it. The kernel frees the lock however its holder ends: the holder is a
 * `flock` process that lives as long as its standard input, which is ours.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = execa("flock", ["--exclusive", path, "sh", "-c", "echo held; exec cat"], {
    buffer: false,
    reject: false,
    cancelSignal: options.signal,
  });
  try {
    const hint = setTimeout(() => options.waiting?.(), 500);
    const held = await Promise.race([once(holder.stdout, "data"), holder]).finally(() => clearTimeout(hint));
    options.signal.throwIfAborted();
    if (!Array.isArray(held)) throw new Error(`flock ${path} failed`, { cause: held });
    return await work();
  } finally {
    holder.stdin.end();
    await holder;
  }
}

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Another process holds the lock and is being waited for. */
  readonly waiting?: () => void;
}
