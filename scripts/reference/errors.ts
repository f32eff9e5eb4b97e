import { codeUses, type CodeUse } from "./codes.ts";
import { heading, table } from "./page.ts";

/** Where codes come from, by the folder or file that gives them; the first that fits counts. */
const SECTIONS: readonly { readonly title: string; readonly from: RegExp; readonly about: string }[] = [
  { title: "Start guard", from: /^render\/start-guard\//, about: "In the agent's log and in its pod's termination message, as `[CODE]`: the agent does not start until it is mended." },
  { title: "Secrets, link by link", from: /^plan\/secret-/, about: "Codes of `frota secrets status -o json`: what is wrong between Vault and the process." },
  { title: "Images", from: /^registry\/check-image\.ts$/, about: "Findings of `frota image check`." },
  { title: "Refusals", from: /^(plan\/refusal|engine\/preflight)\.ts$/, about: "`frota diff` and `frota apply` find these by reading only; nothing is written (exit code 4)." },
  {
    title: "Findings of `frota check`",
    from: /^(spec\/|repository\/scan-secrets|engine\/check-)/,
    about: "Each with file, line and column. Errors make `frota check` exit 1; warnings do not.",
  },
];
const ERRORS = { title: "Errors", about: "A command ends with `error CODE: message`, where it is, and what to do next." };

/** docs/reference/errors.md: every stable code, what is said with it and what to do. */
export function errorsPage(root: string): string {
  const uses = codeUses(root);
  const section = ({ file }: CodeUse) => SECTIONS.find(({ from }) => from.test(file))?.title ?? ERRORS.title;
  const pages = [ERRORS, ...SECTIONS].map(({ title, about }) => {
    const own = uses.filter((use) => section(use) === title);
    return `## ${title}\n\n${about}\n\n${table(["Code", "Message", "Next"], rows(own))}\n`;
  });
  return [
    heading("Error codes", "the source"),
    "Codes are stable: scripts may rely on them. `<name>` stands for what is only known at run time; `/` separates what may",
    "be said instead. What to do in common cases: [when something fails](../guide/when-something-fails.md).",
    "",
    pages.join("\n"),
  ].join("\n");
}

function rows(uses: readonly CodeUse[]): string[][] {
  const codes = [...new Set(uses.map(({ code }) => code))].sort();
  return codes.map((code) => {
    const own = uses.filter((use) => use.code === code);
    return [`\`${code}\``, unique(own.map(({ message }) => message)), unique(own.map(({ next }) => next))];
  });
}

/** Texts without repetition, and without those that are known only at run time. */
function unique(texts: readonly string[]): string {
  return [...new Set(texts.filter((text) => text !== "" && !/^<[^>]*>$/.test(text)))].join("<br>");
}
