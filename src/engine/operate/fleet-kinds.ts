import type { Manifest } from "../../render/manifest.ts";
import { OPERATED } from "./annotations.ts";

/** Selects what Frota made. */
export const MANAGED = "app.kubernetes.io/managed-by=frota";
/** Kind of the definitions of Frota's resources. */
export const DEFINITION_KIND = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;
/** Name of the definition of Agents. */
export const AGENT_DEFINITION = "agents.frota.dev";
/** What follows the agent's name in its Secret's. */
export const SECRET_SUFFIX = "-env";

/** Kinds of which one object belongs to one agent, and what follows the agent's name in theirs. */
export const OBJECT_KINDS = {
  Service: { apiVersion: "v1", suffix: "" },
  ServiceAccount: { apiVersion: "v1", suffix: "" },
  NetworkPolicy: { apiVersion: "networking.k8s.io/v1", suffix: "" },
  ExternalSecret: { apiVersion: "external-secrets.io/v1", suffix: SECRET_SUFFIX },
  PersistentVolumeClaim: { apiVersion: "v1", suffix: "-state" },
} as const;

/** One of the kinds that are kept as they are. */
export type ObjectKind = keyof typeof OBJECT_KINDS;

/** All of {@link OBJECT_KINDS}. */
export const OBJECT_KIND_NAMES: readonly ObjectKind[] = Object.keys(OBJECT_KINDS).filter(isObjectKind);

/** Whether objects of this kind are among them. */
export function isObjectKind(kind: string): kind is ObjectKind {
  return Object.hasOwn(OBJECT_KINDS, kind);
}

/** Whether a controller applied it. */
export function isApplied(object: Manifest | undefined): boolean {
  return object?.metadata.annotations?.[OPERATED.applied] !== undefined;
}

/** The agent's name in an object's. */
export function withoutSuffix(name: string, suffix: string): string {
  return suffix !== "" && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** Whose Secret it is, by its name. */
export function agentOfSecret(name: string): string {
  return withoutSuffix(name, SECRET_SUFFIX);
}
