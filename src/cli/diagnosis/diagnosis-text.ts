import type { Diagnosis } from "../../plan/diagnosis/diagnose.ts";
import type { Evidence, Finding } from "../../plan/diagnosis/finding.ts";
import { formatDuration } from "../terminal/duration.ts";
import type { Paint } from "../terminal/paint.ts";
import { wrapText } from "../terminal/wrapped-text.ts";

/** How to print. */
interface Page {
  readonly paint: Paint;
  /** Width to wrap prose at; commands are never broken. */
  readonly columns: number;
}

const COLORS = { down: "red", impaired: "yellow", notice: "cyan" } as const;
const HEADLINE = { down: "red", impaired: "yellow", starting: "cyan", stopped: "cyan", healthy: "green", unknown: "yellow" } as const;

/** The diagnosis with commands that can be run as they are: kubectl's name the namespace and, where one was named, the context. */
export function withExactCommands(diagnosis: Diagnosis, context: string | undefined): Diagnosis {
  const { namespace } = diagnosis;
  const named = context === undefined ? "" : `--context ${context} `;
  const exact = (text: string) => text.replaceAll(/\bkubectl (?=[a-z])/g, text.includes(" -A") ? `kubectl ${named}` : `kubectl ${named}-n ${namespace} `);
  return { ...diagnosis, findings: diagnosis.findings.map((finding) => ({ ...finding, next: finding.next.map(exact) })) };
}

/** Headline, findings with evidence and remedy, then what is fine and what could not be looked at. */
export function diagnosisText({ headline, state, next, findings, checks }: Diagnosis, now: Date, page: Page): string {
  const { paint } = page;
  const of = (wanted: string) => checks.filter((check) => check.state === wanted);
  const fine = of("fine").map(({ subject }) => subject);
  const unknown = [...Map.groupBy(of("unknown"), ({ detail }) => detail)].flatMap(([reason, hidden]) =>
    wrap(`${hidden.map(({ subject }) => subject).join(", ")}: ${reason}`, { first: "  ", rest: "    ", page }),
  );
  return [
    ...wrap(headline, { first: "", rest: "  ", page }).map((line) => paint("bold", paint(HEADLINE[state], line))),
    ...(next === undefined ? [] : wrap(`next: ${next}`, { first: "  ", rest: "    ", page })),
    ...findings.flatMap((finding, index) => ["", ...findingLines(finding, { isFirst: index === 0, now, page })]),
    "",
    ...(fine.length > 0 ? wrap(`Looked at and fine: ${fine.join(", ")}.`, { first: "", rest: "  ", page }) : []),
    ...(unknown.length > 0 ? ["Could not be looked at:", ...unknown] : []),
    "",
  ].join("\n");
}

function findingLines({ code, message, effect, evidence, next }: Finding, { isFirst, now, page }: { isFirst: boolean; now: Date; page: Page }): string[] {
  const { paint } = page;
  const title = `${paint(COLORS[effect], code)}${isFirst ? "" : `  ${paint("dim", effect)}`}`;
  // The headline has said the first already.
  const said = isFirst ? [] : wrap(message, { first: "  ", rest: "  ", page });
  return [
    title,
    ...said,
    ...evidence.flatMap((one) => wrap(evidenceText(one, now), { first: "  seen  ", rest: "        ", page })),
    ...next.map((step, index) => `  ${index === 0 ? paint("bold", "do") : "  "}    ${step}`),
  ];
}

function evidenceText({ from, text, at }: Evidence, now: Date): string {
  const age = at === undefined ? "" : at <= now ? ` (${formatDuration(now.getTime() - at.getTime())} ago)` : ` (in ${formatDuration(at.getTime() - now.getTime())})`;
  return `${from}${age}: ${text}`;
}

interface Indent {
  readonly first: string;
  readonly rest: string;
  readonly page: Page;
}

/** Breaks prose between words. */
function wrap(text: string, { first, rest, page }: Indent): string[] {
  const [head = "", ...lines] = wrapText(text, page.columns - rest.length);
  return [`${first}${head}`, ...lines.map((line) => `${rest}${line}`)];
}
