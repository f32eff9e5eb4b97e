/** What the start guard says as it goes begins so (`start-guard.mjs`): it is never why a gateway ended. */
const PROGRESS = /^frota start guard: /;

/** A termination message without the start guard's progress; undefined where nothing else was said. */
export function lastWords(message: string | undefined): string | undefined {
  const lines = (message ?? "").split("\n").filter((line) => !PROGRESS.test(line));
  return lines.join("\n").trim() || undefined;
}
