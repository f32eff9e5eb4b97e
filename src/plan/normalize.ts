import type { Manifest } from "../render/manifest.ts";
import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";

/** Written by the API server or by controllers; they say nothing about what was declared. */
const SERVER_METADATA: ReadonlySet<string> = new Set([
  "managedFields",
  "resourceVersion",
  "uid",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
]);

const BOOKKEEPING_ANNOTATIONS: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deployment.kubernetes.io/revision",
  // The controller's records beside what is declared.
  "frota.dev/applied",
  "frota.dev/hot-keys",
]);

/**
 * An object as it is compared: without status and bookkeeping, and with JSON documents inside a ConfigMap as structures, so
 * that their keys are compared.
 */
export function normalize(manifest: Manifest): PlainMap {
  const { status: _status, metadata, ...rest } = manifest;
  const kept = Object.entries(metadata).filter(([key]) => !SERVER_METADATA.has(key));
  return {
    ...rest,
    ...(manifest.kind === "ConfigMap" ? { data: structuredData(manifest["data"]) } : {}),
    metadata: { ...Object.fromEntries(kept), annotations: declaredAnnotations(metadata.annotations) },
  };
}

function declaredAnnotations(annotations: PlainMap | undefined): PlainMap {
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !BOOKKEEPING_ANNOTATIONS.has(key)));
}

function structuredData(data: unknown): PlainMap {
  if (!isPlainMap(data)) return {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, key.endsWith(".json") ? parsedOr(value) : value]),
  );
}

function parsedOr(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return text;
  }
}
