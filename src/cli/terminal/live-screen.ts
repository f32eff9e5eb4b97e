import type { Output } from "../context.ts";

/** A text on a terminal that is replaced by the next one. */
export interface LiveScreen {
  /** No more lines than the terminal has, none longer than it is wide. */
  show(text: string): void;
  /** Leaves the last text, and the terminal as it was. */
  close(): void;
}

/**
 * Runs `work` with something that shows what comes, and closes that at the end; on Ctrl-C at once, not when the work gets there: a second Ctrl-C
 * ends the process as it is.
 */
export async function withViewer<Result>(viewer: { close(): void }, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  const close = () => viewer.close();
  signal.addEventListener("abort", close);
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", close);
    viewer.close();
  }
}

const HIDE_CURSOR = "\u001B[?25l";
const SHOW_CURSOR = "\u001B[?25h";
const CLEAR_SCREEN = "\u001B[2J\u001B[H";
const CLEAR_LINE = "\u001B[K";
const CLEAR_BELOW = "\u001B[J";

/** Draws over its last text, line by line, so that nothing flickers; anew where the terminal got another size, which breaks lines elsewhere. */
export function liveScreen(output: Output): LiveScreen {
  let shown = "";
  let size = "";
  let isOpen = true;
  output.write(HIDE_CURSOR);
  return {
    show(text) {
      const now = `${output.columns ?? 0}x${output.rows ?? 0}`;
      const isResized = size !== "" && size !== now;
      if (!isOpen || (text === shown && !isResized)) return;
      const lines = shown.split("\n").length - 1;
      const start = isResized ? CLEAR_SCREEN : lines > 0 ? `\u001B[${lines}F` : "";
      output.write(`${start}${text.replaceAll("\n", `${CLEAR_LINE}\n`)}${CLEAR_BELOW}`);
      shown = text;
      size = now;
    },
    close() {
      if (isOpen) output.write(SHOW_CURSOR);
      isOpen = false;
    },
  };
}
