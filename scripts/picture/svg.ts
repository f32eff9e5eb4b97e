import type { Run, Screen, Style } from "./screen.ts";

/** Of one cell, in pixels; any font is fitted into it. */
const CELL = { width: 8.4, height: 19 };
const MARGIN = 16;
const TITLE_BAR = 30;

/** ANSI colors 0 to 7 on a light and on a dark ground, each with a contrast of 4.5 or more; 8 to 15 look the same. */
const LIGHT = ["#24292f", "#cf222e", "#116329", "#7d4e00", "#0550ae", "#8250df", "#0a6b7c", "#57606a"];
const DARK = ["#8c959f", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#b1bac4"];

const STYLESHEET = `
.ground{fill:#ffffff;stroke:#d0d7de}.bar{fill:#f6f8fa}.dot{fill:#d0d7de}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:14px;fill:#24292f}
.title{fill:#57606a;font-size:12px}.bold{font-weight:bold}.dim{fill:#57606a}${colorRules(LIGHT)}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117;stroke:#30363d}.bar{fill:#161b22}.dot{fill:#484f58}text{fill:#e6edf3}.title,.dim{fill:#9198a1}${colorRules(DARK)}}
`;

/** A screen as a drawing in a window with a title, readable on light and dark pages; `columns` wide. Its text stays text. */
export function svgOf(screen: Screen, { title, columns }: { readonly title: string; readonly columns: number }): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = TITLE_BAR + screen.length * CELL.height + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLESHEET}</style>`,
    `<rect class="ground" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<path class="bar" d="M1 ${TITLE_BAR}V9a8 8 0 0 1 8-8H${width - 9}a8 8 0 0 1 8 8V${TITLE_BAR}z"/>`,
    ...[0, 1, 2].map((index) => `<circle class="dot" cx="${18 + index * 18}" cy="15" r="5"/>`),
    `<text class="title" x="${width / 2}" y="19" text-anchor="middle">${escaped(title)}</text>`,
    ...screen.flatMap((line, row) => line.flatMap((run) => runTexts(run, TITLE_BAR + MARGIN + row * CELL.height + 14))),
    "</svg>",
    "",
  ].join("\n");
}

/** One element for what has single spaces at most: viewers collapse several, and columns stay columns. */
function runTexts({ column, text, style }: Run, y: number): string[] {
  const classes = classesOf(style);
  const attributes = classes === "" ? "" : ` class="${classes}"`;
  return Array.from(text.matchAll(/\S+(?: \S+)*/g), ({ 0: part, index }) => {
    const x = round(MARGIN + (column + widthOf(text.slice(0, index))) * CELL.width);
    const length = round(widthOf(part) * CELL.width);
    return `<text${attributes} x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escaped(part)}</text>`;
  });
}

/** Cells; what our commands print has no wide characters. */
function widthOf(text: string): number {
  return Array.from(text).length;
}

function classesOf({ color, isBold, isDim }: Style): string {
  const names = [color === undefined ? "" : `c${color % 8}`, isBold ? "bold" : "", isDim ? "dim" : ""];
  return names.filter((name) => name !== "").join(" ");
}

function colorRules(colors: readonly string[]): string {
  return colors.map((color, number) => `.c${number}{fill:${color}}`).join("");
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
