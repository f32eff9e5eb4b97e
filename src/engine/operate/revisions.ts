import type { ImageRevision } from "../../decide/fleet-world.ts";
import { API_VERSION } from "../../spec/agent.ts";
import type { Manifest } from "../../render/manifest.ts";
import { numberAt, textAt } from "../../spec/plain-field.ts";
import { OPERATED } from "./annotations.ts";
import { present } from "./present.ts";

/** What marks our ControllerRevisions among those of other controllers: `data` can never be changed. */
const DATA = { apiVersion: API_VERSION, kind: "ImageRevision" } as const;

const REJECTIONS = ["failed", "aborted", "undone"] as const;

/** The revision as its ControllerRevision, for server-side apply. */
export function encodeRevision(fleet: { readonly name: string; readonly namespace: string }, revision: ImageRevision): Manifest {
  const { digest, channel, openclawVersion, rejected, rejectedReason, operation } = revision;
  const annotations = present({
    [OPERATED.rejected]: rejected,
    [OPERATED.rejectedReason]: rejectedReason,
    [OPERATED.attempt]: String(revision.attempt),
    [OPERATED.operation]: operation,
    [OPERATED.proven]: revision.isProven && "true",
  });
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: revision.name,
      namespace: fleet.namespace,
      labels: { "app.kubernetes.io/part-of": fleet.name, "app.kubernetes.io/component": "image", "app.kubernetes.io/managed-by": "frota" },
      annotations,
    },
    revision: revision.revision,
    data: { ...DATA, channel, digest, ...(openclawVersion === undefined ? {} : { openclawVersion }) },
  };
}

/** Reads a ControllerRevision; undefined for one that is not ours or that nobody can read. */
export function decodeRevision(object: Manifest): ImageRevision | undefined {
  const data = object["data"];
  const [channel, digest] = [textAt(data, "channel"), textAt(data, "digest")];
  const revision = numberAt(object, "revision");
  if (!isImageRevision(object) || channel === undefined || digest === undefined || revision === undefined) return undefined;
  const annotations = object.metadata.annotations ?? {};
  const optional = {
    openclawVersion: textAt(data, "openclawVersion"),
    rejected: REJECTIONS.find((rejection) => rejection === annotations[OPERATED.rejected]),
    rejectedReason: annotations[OPERATED.rejectedReason],
    operation: annotations[OPERATED.operation],
    isProven: annotations[OPERATED.proven] === "true" ? (true as const) : undefined,
  };
  return { name: object.metadata.name, channel, digest, revision, attempt: attemptOf(annotations[OPERATED.attempt]), ...present(optional) };
}

/** Whether a ControllerRevision is one of ours. */
export function isImageRevision(object: Manifest): boolean {
  return textAt(object, "data", "apiVersion") === DATA.apiVersion && textAt(object, "data", "kind") === DATA.kind;
}

function attemptOf(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? "") ? Number(text) : 1;
}
