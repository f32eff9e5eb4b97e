import { CATALOG } from "../../src/spec/catalog/catalog.ts";
import type { CatalogSection, Explanation } from "../../src/spec/catalog/explanation.ts";
import { codeUses, type CodeUse } from "./codes.ts";
import { heading, prose } from "./page.ts";

/** docs/reference/errors.md: every stable code with what is said, its cause and its remedy. */
export function errorsPage(root: string): string {
  const uses = codeUses(root);
  return [
    heading("Error codes", "src/spec/catalog and the source"),
    "Codes are stable: scripts may rely on them. On a terminal: `frota explain CODE`. An error ends a command with `error CODE: message`, where it is,",
    "and what to do next; the message is quoted here, with `<name>` for what is only known at run time. Common cases:",
    "[when something fails](../guide/when-something-fails.md); agents are down: [incidents](../guide/incidents.md).",
    "",
    CATALOG.map((section) => sectionText(section, uses)).join("\n"),
  ].join("\n");
}

function sectionText({ title, about, codes }: CatalogSection, uses: readonly CodeUse[]): string {
  const names = Object.keys(codes).sort();
  const entries = names.map((code) => entryText(code, codes[code], uses.filter((use) => use.code === code)));
  return `## ${title}\n\n${about}\n\n${entries.join("\n")}`;
}

function entryText(code: string, explanation: Explanation | undefined, uses: readonly CodeUse[]): string {
  const messages = said(uses).map((message) => `> ${prose(message)}`);
  const quoted = messages.length > 0 ? `${messages.join("<br>\n")}\n\n` : "";
  return `### \`${code}\`\n\n${quoted}**Cause.** ${linked(explanation?.cause ?? "")}<br>\n**Remedy.** ${linked(explanation?.remedy ?? "")}\n`;
}

/** Messages without repetition, and without those that are known only at run time. */
function said(uses: readonly CodeUse[]): string[] {
  return [...new Set(uses.map(({ message }) => message.trim()).filter((text) => text !== "" && !/^(<[^>]*>)+$/.test(text)))];
}

/** Explanations name other pages by their path in the project; here they are links. */
function linked(text: string): string {
  return prose(text).replaceAll(/docs\/(guide|reference)\/([\w-]+)\.md/g, (_all, folder: string, page: string) => `[${page}](${folder === "reference" ? "" : "../guide/"}${page}.md)`);
}
