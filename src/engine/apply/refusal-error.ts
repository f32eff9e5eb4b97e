import type { Refusal } from "../../plan/change-set.ts";
import { FrotaError } from "../../spec/error.ts";

/** The FrotaError for refusals: the first by its code, all of them in words. */
export function refusalError(refusals: readonly Refusal[]): FrotaError {
  const [first, ...others] = refusals;
  const also = others.map((other) => `\n  also ${other.code}: ${other.message}\n    next: ${other.next}`).join("");
  return new FrotaError({
    code: first?.code ?? "REFUSED",
    message: `${first?.message ?? "refused"} (nothing was changed)${also}`,
    ...(first?.object ? { where: first.object } : {}),
    next: first?.next ?? "run the command again",
    outcome: "refused",
  });
}
