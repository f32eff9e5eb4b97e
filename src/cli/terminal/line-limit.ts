import type { Output } from "../context.ts";

/** Columns that a line may have: those of the terminal; elsewhere none is too long, for `grep`. */
export function lineLimit({ isTTY, columns = 80 }: Output): number {
  return isTTY === true ? columns : Number.POSITIVE_INFINITY;
}
