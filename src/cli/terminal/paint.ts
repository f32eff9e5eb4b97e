import { styleText } from "node:util";
import type { Output } from "../context.ts";

/** Colors and weights in use. */
export type Paint = (style: Style, text: string) => string;

type Color = "green" | "yellow" | "cyan" | "magenta" | "blue";
type Style = "red" | Color | `${Color}Bright` | "dim" | "bold";

/** Colors for a terminal that has some; elsewhere, and where NO_COLOR asks for it, the text stays as it is. */
export function painter(output: Output, env: Readonly<Record<string, string | undefined>>): Paint {
  if (output.isTTY !== true || env["NO_COLOR"] || env["TERM"] === "dumb") return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
