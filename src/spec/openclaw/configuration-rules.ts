import { findCredentials, isSecretName } from "../credential.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { isPlainMap, valueAt } from "../plain-data.ts";
import { caution, failure } from "../rules/rule.ts";
import type { AgentSubject } from "../rules/rule.ts";
import { formatPath } from "../schema-issues.ts";
import { textLeaves, variablesIn } from "./leaves.ts";
import type { TextLeaf } from "./leaves.ts";

/** OpenClaw settings that Frota makes itself: Service, probes and network rules depend on them. */
const RESERVED_SETTINGS: readonly string[] = [
  "gateway.mode",
  "gateway.bind",
  "gateway.port",
  "gateway.auth.mode",
  "gateway.auth.token",
];

/** Switches that Frota turns on to talk to a gateway, and what no longer works without them. */
const NEEDED_SWITCHES: Readonly<Record<string, string>> = {
  "plugins.entries.admin-http-rpc.enabled": "status and safe restarts",
  "gateway.http.endpoints.chatCompletions.enabled": "frota chat",
};

/** The declared OpenClaw configuration, apart from its shape: what is Frota's, what is secret, what is missing. */
export function checkConfiguration(subject: AgentSubject): Diagnostic[] {
  return [...checkReserved(subject), ...checkSwitches(subject), ...checkLiteralSecrets(subject), ...checkVariables(subject)];
}

function checkReserved({ source, origin }: AgentSubject): Diagnostic[] {
  return RESERVED_SETTINGS.flatMap((setting) => {
    const path = setting.split(".");
    if (valueAt(source.agent.spec.openclaw, path) === undefined) return [];
    return [failure(origin.key(["openclaw", ...path]), "RESERVED_SETTING", `\`${setting}\` is set by Frota itself`, "remove it from `openclaw`")];
  });
}

function checkSwitches({ source, origin }: AgentSubject): Diagnostic[] {
  return Object.entries(NEEDED_SWITCHES).flatMap(([setting, purpose]) => {
    const path = setting.split(".");
    if (valueAt(source.agent.spec.openclaw, path) !== false) return [];
    return [caution(origin.value(["openclaw", ...path]), "SWITCH_OFF", `without \`${setting}\` there is no ${purpose}`, "remove the line")];
  });
}

function checkLiteralSecrets({ source, origin }: AgentSubject): Diagnostic[] {
  return textLeaves(source.agent.spec.openclaw).flatMap(({ path, text }) => {
    if (RESERVED_SETTINGS.includes(path.join("."))) return [];
    const key = String(path.findLast((step) => typeof step === "string"));
    const shape = findCredentials(text)[0]?.name;
    const byName = isSecretName(key) && text !== "" && variablesIn(text).length === 0 && !text.includes("/");
    const looks = shape ?? (byName ? "a credential, by its name" : undefined);
    if (looks === undefined) return [];
    const variable = key.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/\W/g, "_").toUpperCase();
    const fix = `put it in Vault (\`frota secrets set ${source.agent.metadata.name} ${variable}\`), list it in \`secrets.required\`, and write "\${${variable}}" here; if it was committed, revoke it`;
    return [failure(origin.value(["openclaw", ...path]), "CREDENTIAL_IN_CONFIG", `the value of \`openclaw.${formatPath(path)}\` looks like ${looks}`, fix)];
  });
}

function checkVariables({ source, origin }: AgentSubject): Diagnostic[] {
  const { env, openclaw, secrets } = source.agent.spec;
  const provided = new Set([...Object.keys(env), ...secrets.required, "HOME", "PATH"]);
  return [...textLeaves(openclaw).flatMap(namesAt), ...secretReferences(openclaw)].flatMap(({ path, text: name }) => {
    if (provided.has(name)) return [];
    return [caution(origin.value(["openclaw", ...path]), "UNDECLARED_VARIABLE", `nothing gives the agent the variable \`${name}\``, `add \`${name}\` to \`secrets.required\`, or a plain value to \`env\``)];
  });
}

function namesAt({ path, text }: TextLeaf): TextLeaf[] {
  return variablesIn(text).map((name) => ({ path, text: name }));
}

/** The ids of `{source: env, provider, id}` references. */
function secretReferences(data: unknown, path: TextLeaf["path"] = []): TextLeaf[] {
  if (Array.isArray(data)) return data.flatMap((item, index) => secretReferences(item, [...path, index]));
  if (!isPlainMap(data)) return [];
  if (data["source"] === "env" && typeof data["id"] === "string") return [{ path: [...path, "id"], text: data["id"] }];
  return Object.entries(data).flatMap(([key, value]) => secretReferences(value, [...path, key]));
}
