import { API_VERSION } from "../../spec/agent.ts";

/** Kind of the Agent resource. */
export const AGENT_KIND = { apiVersion: API_VERSION, kind: "Agent" } as const;

/** Kind of the Fleet resource. */
export const FLEET_KIND = { apiVersion: API_VERSION, kind: "Fleet" } as const;
