import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";

/** Why a file was not read as text. */
export type Unread = "binary" | "too large" | "unreadable";

/** Bytes; larger files are skipped: a ConfigMap holds 1 MiB, and no file of ours comes near. */
const MAXIMUM_FILE = 2 ** 20;

/**
 * What reads one text file after the other, in UTF-8, and never throws. All are read through one memory: asking for each one's size, and for as much
 * memory, takes as long as reading it.
 */
export function textReader(): (path: string) => { readonly text: string } | Unread {
  const room = Buffer.allocUnsafe(MAXIMUM_FILE + 1);
  return (path) => {
    try {
      const length = readBytes(path, room);
      if (length > MAXIMUM_FILE) return "too large";
      const bytes = room.subarray(0, length);
      if (bytes.includes(0) || !isUtf8(bytes)) return "binary";
      return { text: bytes.toString("utf8") };
    } catch {
      return "unreadable";
    }
  };
}

/** How many bytes of a file, at most all that there is room for, are at the beginning of `room` now. */
function readBytes(path: string, room: Buffer): number {
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (let read = -1; read !== 0; length += read) read = readSync(file, room, length, room.length - length, null);
    return length;
  } finally {
    closeSync(file);
  }
}
