import type { Diagnostic } from "../diagnostic.ts";
import { caution, failure } from "../rules/rule.ts";
import type { AgentSubject } from "../rules/rule.ts";
import { isPlainMap, valueAt } from "../plain-data.ts";
import type { PlainMap } from "../plain-data.ts";
import { quoteName } from "../schema-issues.ts";
import { suggestName } from "../suggestion.ts";
import { createValidator } from "./validator.ts";
import { OPENCLAW_VERSION } from "./version.ts";

/**
 * Checks every agent's declared OpenClaw configuration, the fleet's defaults merged in, against OpenClaw's own schema.
 * A fault is told where its value was written: in agent.yaml, or in fleet.yaml.
 */
export function checkConfigurations(subjects: readonly AgentSubject[], schema: PlainMap): Diagnostic[] {
  const validate = validatorOf(schema, subjects);
  const channels = valueAt(schema, ["properties", "channels", "properties"]);
  const known = isPlainMap(channels) ? Object.keys(channels) : [];
  return subjects.flatMap((subject) => [...checkShape(subject, validate), ...checkChannels(subject, known)]);
}

/** In a large fleet most agents declare the same: it is checked once. */
function validatorOf(schema: PlainMap, subjects: readonly AgentSubject[]): ReturnType<typeof createValidator> {
  const distinct = new Map(subjects.map(({ source }) => [JSON.stringify(source.agent.spec.openclaw), source.agent.spec.openclaw]));
  const validate = createValidator(schema, [...distinct.values()]);
  const found = new Map<string, ReturnType<typeof validate>>();
  return (configuration) => {
    const key = JSON.stringify(configuration);
    const faults = found.get(key) ?? validate(configuration);
    found.set(key, faults);
    return faults;
  };
}

function checkShape({ source, origin }: AgentSubject, validate: ReturnType<typeof createValidator>): Diagnostic[] {
  return validate(source.agent.spec.openclaw).map(({ path, onKey, message, fix }) => {
    const full = ["openclaw", ...path];
    const place = onKey ? origin.key(full) : origin.value(full);
    return failure(place, "OPENCLAW_CONFIG", message, fix ?? `see OpenClaw ${OPENCLAW_VERSION}'s configuration reference`);
  });
}

/** The schema admits any channel, because plugins bring more; without its plugin OpenClaw refuses to start. */
function checkChannels({ source, origin }: AgentSubject, known: readonly string[]): Diagnostic[] {
  const channels = source.agent.spec.openclaw["channels"];
  if (!isPlainMap(channels)) return [];
  return Object.keys(channels).flatMap((name) => {
    if (known.includes(name)) return [];
    const message = `OpenClaw ${OPENCLAW_VERSION} knows no channel ${quoteName(name)}: without a plugin for it, it does not start`;
    return [caution(origin.key(["openclaw", "channels", name]), "UNKNOWN_CHANNEL", message, suggestName(name, known))];
  });
}
