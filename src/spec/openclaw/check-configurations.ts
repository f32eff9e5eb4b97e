import type { Diagnostic } from "../diagnostic.ts";
import { failure } from "../rules/rule.ts";
import type { AgentSubject } from "../rules/rule.ts";
import type { PlainMap } from "../plain-data.ts";
import { createValidator } from "./validator.ts";
import { OPENCLAW_VERSION } from "./version.ts";

/**
 * Checks every agent's declared OpenClaw configuration, the fleet's defaults merged in, against OpenClaw's own schema.
 * A fault is told where its value was written: in agent.yaml, or in fleet.yaml.
 */
export function checkConfigurations(subjects: readonly AgentSubject[], schema: PlainMap): Diagnostic[] {
  const validate = createValidator(schema, subjects.map(({ source }) => source.agent.spec.openclaw));
  return subjects.flatMap(({ source, origin }) =>
    validate(source.agent.spec.openclaw).map(({ path, onKey, message, fix }) => {
      const full = ["openclaw", ...path];
      return failure(onKey ? origin.key(full) : origin.value(full), "OPENCLAW_CONFIG", message, fix ?? `see OpenClaw ${OPENCLAW_VERSION}'s configuration reference`);
    }),
  );
}
