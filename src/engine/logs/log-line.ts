/** A line of a container's log. */
export interface LogLine {
  /** ISO 8601 in UTC with nanoseconds, so that texts compare as times do; empty for what the kubelet says itself. */
  readonly at: string;
  readonly text: string;
}

/** What a kubelet writes in place of a log, or after its last line, where it cannot read it (cri-client 0.35, kubelet 1.35). */
const UNRETRIEVABLE = /^unable to retrieve container logs for \S+:\/\/\S+$/;
const UNREADABLE = /^failed to (?:try resolving symlinks in path|open log file|(?:tail|seek) -?\d+ (?:lines of|in) log file|(?:read|reset seek in) log file|create fsnotify watcher|watch directory|get parse function)\b/;
const ENDED = /^(?:rpc error: code = |context cancell?ed$)/;

/** Whether a line is the kubelet's own and not the container's, whose lines all have a time. */
export function isKubeletLine({ at, text }: LogLine): boolean {
  return at === "" && [UNRETRIEVABLE, UNREADABLE, ENDED].some((words) => words.test(text));
}

/** Whether a line of a log that was read without times says that there is none. */
export function isNoLog(text: string): boolean {
  return UNRETRIEVABLE.test(text);
}

/** An agent's line. */
export interface AgentLine extends LogLine {
  readonly agent: string;
}

/** A line as the API server gives it with `timestamps`: its time in RFC 3339 of any zone, a space, the text. */
export function parseLogLine(raw: string): LogLine {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?: |$)/.exec(raw);
  const seconds = Date.parse(`${match?.[1]}${match?.[3]}`);
  if (!match || Number.isNaN(seconds)) return { at: "", text: raw };
  const at = `${new Date(seconds).toISOString().slice(0, 19)}.${(match[2] ?? "").padEnd(9, "0")}Z`;
  return { at, text: raw.slice(match[0].length) };
}

/** Lines of several logs in the order of their times; each log keeps its own order, and at the same time the earlier log goes first. */
export function mergeByTime<Line extends LogLine>(logs: readonly (readonly Line[])[]): Line[] {
  const rest = logs.map((lines) => lines.values());
  const heads = rest.map((lines) => lines.next().value);
  const merged: Line[] = [];
  for (;;) {
    let earliest = -1;
    for (const [index, line] of heads.entries()) {
      if (line && (earliest < 0 || line.at < (heads[earliest]?.at ?? ""))) earliest = index;
    }
    const line = heads[earliest];
    if (!line) return merged;
    merged.push(line);
    heads[earliest] = rest[earliest]?.next().value;
  }
}
