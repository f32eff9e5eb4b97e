import { constant } from "./constant.ts";
import scripts from "./start-guard-scripts.json" with { type: "json" };

/** The start guard's scripts by file name, as they are in start-guard/ (`node scripts/generate.ts` keeps them so). */
export const START_GUARD_SCRIPTS: Readonly<Record<string, string>> = constant(scripts);

/** Where the pod finds the start guard, its inputs and the agent's state. */
export const POD_PATHS = {
  state: "/root/.openclaw",
  startGuard: "/etc/frota/start-guard",
  configuration: "/etc/frota/config",
  workspace: "/etc/frota/workspace",
} as const;

/** Key of the ConfigMap that holds the declared configuration. */
export const CONFIGURATION_KEY = "openclaw.json";
