import { valueAt } from "../../spec/plain-data.ts";
import { SECRET_ANNOTATION } from "../../render/names.ts";
import { OPERATED } from "./annotations.ts";
import type { KeptDeployment } from "./slim.ts";

/**
 * HMAC of the Secret as it was when this pod template, made in the plain way, was first seen; undefined where that is not on record.
 * A template that somebody changed since (`kubectl rollout restart`) has a record of its own.
 */
export function adoptedSecret({ manifest, templateDigest }: KeptDeployment): string | undefined {
  const [template, digest] = manifest.metadata.annotations?.[OPERATED.adoptedSecret]?.split(":") ?? [];
  return template === templateDigest ? digest : undefined;
}

/** The annotation that is still to be put on record; undefined where the template itself says its Secret, or the record is there. */
export function missingSecretRecord(live: KeptDeployment, secretDigest: string | undefined): Readonly<Record<string, string>> | undefined {
  const isRecorded = valueAt(live.manifest, ["spec", "template", "metadata", "annotations", SECRET_ANNOTATION]) !== undefined || adoptedSecret(live) !== undefined;
  if (isRecorded || secretDigest === undefined) return undefined;
  return { [OPERATED.adoptedSecret]: `${live.templateDigest}:${secretDigest}` };
}
