import { expect, test } from "vitest";
import { liveScreen } from "./live-screen.ts";

test("draws over its last text, clears after a new size, and restores the cursor once", () => {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTTY: true, columns: 80, rows: 24 };
  const screen = liveScreen(output);
  screen.show("one\ntwo\n");
  screen.show("one\ntwo\n");
  screen.show("three\n");
  output.columns = 60;
  screen.show("three\n");
  screen.close();
  screen.close();
  screen.show("late\n");
  expect(written).toEqual([
    "\u001B[?25l",
    "one\u001B[K\ntwo\u001B[K\n\u001B[J",
    "\u001B[2Fthree\u001B[K\n\u001B[J",
    "\u001B[2J\u001B[Hthree\u001B[K\n\u001B[J",
    "\u001B[?25h",
  ]);
});
