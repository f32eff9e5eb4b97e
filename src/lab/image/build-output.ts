/** A Dockerfile step that buildah has begun. */
export interface BuildStep {
  readonly number: number;
  readonly total: number;
  /** The instruction with its arguments, in one line of single spaces. */
  readonly instruction: string;
}

/** Reads a line of buildah's output such as `STEP 3/22: RUN apt-get update`; undefined for any other. */
export function parseStep(line: string): BuildStep | undefined {
  const [, number, total, instruction] = /^STEP (\d+)\/(\d+): (.*)$/.exec(line) ?? [];
  if (instruction === undefined) return undefined;
  return { number: Number(number), total: Number(total), instruction: instruction.replace(/\s+/g, " ").trim() };
}

/** A step in a few words: `step 3 of 22: RUN apt-get update`. Mounts and options of an instruction are left out. */
export function describeStep(step: BuildStep): string {
  const words = step.instruction.replace(/ --\S+/g, "").replace(/ && .*$/, "").replace(/\\ .*$/, "");
  return `step ${step.number} of ${step.total}: ${words.length > 60 ? `${words.slice(0, 59)}…` : words}`;
}

/** Lines that say why, most telling first: the image's own check, then what apt, npm and buildah call an error. */
const TELLING = [/^image check failed: (.*)/, /^(E: .*)/, /^npm (?:ERR!|error) (.*)/, /^Error: (.*)/, /^(?:E|fatal): (.*)/i] as const;

/** Why a build or a push failed, out of its output: the lines of the most telling kind, else the last one. */
export function failureReason(lines: readonly string[]): string {
  for (const pattern of TELLING) {
    const found = lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
    if (found.length > 0) return found.slice(0, 3).join(" ");
  }
  return lines.findLast((line) => line.trim() !== "") ?? "it said nothing";
}
