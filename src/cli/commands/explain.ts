import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import type { ExplainFlags } from "../diagnosis/explain.ts";
import { outputFlag } from "../terminal/structured-output.ts";

/** `frota explain [code]` */
export const explainCommand = buildCommand<ExplainFlags, [string?], CliContext>({
  parameters: {
    flags: { output: outputFlag },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, optional: true, brief: "A code; all are listed when none is given", placeholder: "code" }],
    },
  },
  docs: {
    brief: "Say what an error code means: its cause, and what to do",
    fullDescription: [
      "Works offline, for every code that frota prints: of errors, findings, refusals, the start guard, the chain of secrets, the",
      "controller's log; and for words of Kubernetes such as OOMKilled or CrashLoopBackOff, with the codes that may be behind them.",
      "Case does not count. Without a code, all of them with their cause, a line each. Exit code 2 for a code that there is not.",
      "",
      "Examples:",
      "  frota explain AGENT_STALLED",
      "  frota explain CrashLoopBackOff",
      "  frota explain VAULT_SEALED -o json",
      "  frota explain | grep -i quota",
    ].join("\n"),
  },
  async loader() {
    const { explain } = await import("../diagnosis/explain.ts");
    return async function explainCode(this: CliContext, flags: ExplainFlags, code?: string) {
      await explain(this, flags, code);
    };
  },
});
