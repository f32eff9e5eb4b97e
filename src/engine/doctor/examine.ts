import type { Prerequisite } from "../../plan/prerequisite.ts";
import { FrotaError } from "../../spec/error.ts";

/** A check before it is known how it went. */
type Subject = Pick<Prerequisite, "id" | "title">;

/** What a check found. */
export type Finding = Pick<Prerequisite, "status" | "detail" | "next">;

/** Runs one check; what cannot be looked at is told with the reason, as `unknown` or what `otherwise` says. */
export async function examine(
  subject: Subject,
  look: () => Promise<Finding>,
  otherwise: Prerequisite["status"] = "unknown",
): Promise<Prerequisite> {
  try {
    return { ...subject, ...(await look()) };
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    return { ...subject, status: otherwise, detail: error.message, ...(error.next !== undefined && { next: error.next }) };
  }
}
