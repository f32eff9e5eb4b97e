// @ts-check

/**
 * Exit codes of the start guard. 78 is what OpenClaw itself uses for a start that cannot succeed as things are;
 * 74 is EX_IOERR of sysexits.h.
 */
export const EXIT = /** @type {const} */ ({ configuration: 78, inputOutput: 74 });

/** A start that the guard does not allow: a stable code, a sentence, and what to do. Never holds a secret value. */
export class Refusal extends Error {
  /**
   * @param {{ code: string, message: string, next: string, exitCode?: number }} detail
   * @param {{ cause?: unknown }} [options]
   */
  constructor({ code, message, next, exitCode = EXIT.configuration }, options) {
    super(message, options);
    this.name = "Refusal";
    this.code = code;
    this.next = next;
    this.exitCode = exitCode;
  }
}

/** @type {Readonly<Record<string, { code: string, message: string, next: string }>>} */
const DISK_FAILURES = {
  ENOSPC: {
    code: "VOLUME_FULL",
    message: "the agent's volume is full",
    next: "raise spec.storage.size in agent.yaml and apply, or free space on the volume",
  },
  EDQUOT: {
    code: "VOLUME_FULL",
    message: "the agent's volume has used up its quota",
    next: "raise spec.storage.size in agent.yaml and apply, or free space on the volume",
  },
  EROFS: {
    code: "VOLUME_READ_ONLY",
    message: "the agent's volume is mounted read-only; after a disk error the kernel does that by itself",
    next: "look at the node's kernel log, then delete the pod so that the volume is attached and checked again",
  },
  EACCES: {
    code: "VOLUME_PERMISSION",
    message: "files on the agent's volume belong to another user",
    next: "give them to root: chown -R 0:0 on the volume from a pod that may",
  },
  EIO: {
    code: "VOLUME_FAULTY",
    message: "the agent's volume answers with input/output errors",
    next: "look at the node's kernel log and at the storage provider before starting again",
  },
};

/**
 * A failed file operation as a {@link Refusal}, or the error itself when it is none of the known disk failures.
 * @param {unknown} error
 * @returns {unknown}
 */
export function explainDiskFailure(error) {
  const { code, path, dest } = /** @type {{ code?: string, path?: string, dest?: string }} */ (error ?? {});
  const known = code === undefined ? undefined : DISK_FAILURES[code];
  if (known === undefined || error instanceof Refusal) return error;
  const file = dest ?? path;
  const message = file === undefined ? known.message : `${known.message} (${code} at ${file})`;
  return new Refusal({ ...known, message, exitCode: EXIT.inputOutput }, { cause: error });
}
