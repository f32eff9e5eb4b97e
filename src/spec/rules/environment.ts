import { credentialIn } from "../credential.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { failure } from "./rule.ts";
import type { AgentSubject } from "./rule.ts";

/** Variables that Frota sets itself in every agent's container; OpenClaw and its volume depend on their values. */
const RESERVED_ENVIRONMENT: ReadonlySet<string> = new Set([
  "FROTA_AGENT",
  "FROTA_REQUIRED_SECRETS",
  "HOME",
  "OPENCLAW_CONFIG_PATH",
  "OPENCLAW_CONFIG_READONLY",
  "OPENCLAW_DISABLE_BONJOUR",
  "OPENCLAW_HOME",
  "OPENCLAW_NO_AUTO_UPDATE",
  "OPENCLAW_NO_RESPAWN",
  "OPENCLAW_STATE_DIR",
]);

/** Plain variables: none that is a secret, none that Frota sets. */
export function checkEnvironment({ source, origin }: AgentSubject): Diagnostic[] {
  const { env, secrets } = source.agent.spec;
  return Object.entries(env).flatMap(([name, value]) => {
    if (secrets.required.includes(name)) {
      return [failure(origin.key(["env", name]), "SECRET_IN_ENV", `\`${name}\` is a required secret and a plain variable at once: the plain one would win`, "remove it from `env`; its value belongs in Vault")];
    }
    if (RESERVED_ENVIRONMENT.has(name)) {
      return [failure(origin.key(["env", name]), "RESERVED_ENV", `\`${name}\` is set by Frota itself`, "remove it from `env`")];
    }
    const looks = credentialIn(name, value);
    if (looks === undefined) return [];
    return [failure(origin.value(["env", name]), "CREDENTIAL_IN_ENV", `the value of \`${name}\` looks like ${looks}`, `put it in Vault (\`frota secrets set ${source.agent.metadata.name} ${name}\`) and list it in \`secrets.required\`; if it was committed, revoke it`)];
  });
}
