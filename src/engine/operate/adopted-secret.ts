import { OPERATED } from "./annotations.ts";
import { presentChoice } from "./desired.ts";
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
  const isRecorded = presentChoice(live.manifest).secretDigest !== undefined || adoptedSecret(live) !== undefined;
  if (isRecorded || secretDigest === undefined) return undefined;
  return { [OPERATED.adoptedSecret]: `${live.templateDigest}:${secretDigest}` };
}
