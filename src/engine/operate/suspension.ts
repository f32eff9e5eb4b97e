import { textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "./annotations.ts";
import { parsePlainMap } from "./parse.ts";
import { present } from "./present.ts";

/** Why the controller leaves an agent or a whole fleet as it is. */
export interface Suspension {
  /** Where it ends: a person asked for it (`frota resume`), or the declaration says so (`spec.suspend`, in Git). */
  readonly from: "request" | "declaration";
  readonly by?: string;
  /** ISO 8601. */
  readonly at?: string;
  readonly reason?: string;
}

/** The suspension of a Fleet or an Agent: what annotation `frota.dev/suspended` says, or its own `spec.suspend`; undefined where neither is. Pure. */
export function suspensionFrom(isDeclared: boolean, annotations: Readonly<Record<string, string>> | undefined): Suspension | undefined {
  const text = annotations?.[OPERATED.suspended];
  if (text === undefined) return isDeclared ? { from: "declaration" } : undefined;
  const request = parsePlainMap(text);
  const [by, at, reason] = ["by", "at", "reason"].map((key) => textAt(request, key));
  return { from: "request", ...present({ by, at, reason }) };
}

/** The same in the words of a status: `suspended by ana@desk: holidays`. */
export function suspensionReason(isDeclared: boolean, annotations: Readonly<Record<string, string>> | undefined): string | undefined {
  const suspension = suspensionFrom(isDeclared, annotations);
  if (!suspension) return undefined;
  const { from, by = "somebody", reason } = suspension;
  return from === "request" ? withReason(`suspended by ${by}`, reason) : "suspended by its own specification";
}

/** `words: reason`; the words alone where nobody gave a reason. */
export function withReason(words: string, reason: string | undefined): string {
  return reason === undefined ? words : `${words}: ${reason}`;
}
