import xterm, { type IBufferCell, type Terminal } from "@xterm/headless";

/** How characters are drawn. */
export interface Style {
  /** Number of an ANSI color, 0 to 15; undefined for the terminal's own. */
  readonly color: number | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

/** Neighboring characters of one line that are drawn alike. */
export interface Run {
  /** Zero-based, in cells. */
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

/** What a terminal shows, line by line, without empty lines at its end. */
export type Screen = readonly (readonly Run[])[];

/** More than any command of ours prints. */
const ROWS = 400;

/** What a terminal of so many columns shows after these bytes, as a real one would: cursor movements and erasing included. */
export async function screenOf(output: string, columns: number): Promise<Screen> {
  const terminal = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const lines = Array.from({ length: ROWS }, (_, row) => runsOf(terminal, row));
  return lines.slice(0, lines.findLastIndex((line) => line.length > 0) + 1);
}

function runsOf(terminal: Terminal, row: number): Run[] {
  const runs: Run[] = [];
  const line = terminal.buffer.active.getLine(row);
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell) add(runs, { column, text: cell.getChars() || " ", style: styleOf(cell) });
  }
  while (runs.at(-1)?.text.trim() === "") runs.pop();
  const last = runs.pop();
  return last ? [...runs, { ...last, text: last.text.trimEnd() }] : [];
}

/** Appends to the last run where that looks the same; spaces look the same in every color. */
function add(runs: Run[], next: Run): void {
  const last = runs.at(-1);
  if (last && (next.text === " " || isSame(last.style, next.style))) {
    runs[runs.length - 1] = { ...last, text: last.text + next.text };
  } else {
    runs.push(next);
  }
}

function isSame(one: Style, other: Style): boolean {
  return one.color === other.color && one.isBold === other.isBold && one.isDim === other.isDim;
}

function styleOf(cell: IBufferCell): Style {
  const isPalette = cell.isFgPalette() && cell.getFgColor() < 16;
  return { color: isPalette ? cell.getFgColor() : undefined, isBold: cell.isBold() !== 0, isDim: cell.isDim() !== 0 };
}
