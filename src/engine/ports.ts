/** What an image says about itself, read from its manifest and labels. */
export interface ImageFacts {
  /** `sha256:...` of the manifest that a node would pull. */
  readonly digest: string;
  /** Absent when the image does not say. */
  readonly openclawVersion?: string;
  /** Why the image can never start: OpenClaw's engine requirement does not admit its Node. */
  readonly problem?: string;
}

/** Reads images from the registry that serves them. */
export interface ImageReader {
  /** The image's facts; undefined when the registry has no such image. Throws when the registry cannot tell. */
  read(reference: string): Promise<ImageFacts | undefined>;
}

/** Reads which keys a secret has, never their values. */
export interface SecretKeysReader {
  /** Names of the keys at a path below the mount (`agents/clovis`); undefined when there is nothing. */
  keys(path: string): Promise<readonly string[] | undefined>;
}
