/** A flag that need not be given. What it may be is checked where it is used: the schemas are not loaded to parse a command line. */
export function optionalText(placeholder: string, brief: string) {
  return { kind: "parsed", parse: String, optional: true, placeholder, brief } as const;
}

/** A flag that may be given more than once, or not at all. */
export function optionalTexts(placeholder: string, brief: string) {
  return { kind: "parsed", parse: String, optional: true, variadic: true, placeholder, brief } as const;
}

/** A flag with a default. */
export function textWithDefault(text: string, placeholder: string, brief: string) {
  return { kind: "parsed", parse: String, default: text, placeholder, brief } as const;
}

/** Of an agent's volume, where nobody says otherwise. */
export const VOLUME_SIZE = "10Gi";

/** `--volume-size SIZE` */
export const volumeSizeFlag = textWithDefault(VOLUME_SIZE, "size", "Size of an agent's volume, 10Gi to 25Gi");

/** `--volume-size SIZE` of a command that may make no agent at all. */
export const firstVolumeSizeFlag = optionalText("size", `Size of the first agents' volumes, 10Gi to 25Gi (default: ${VOLUME_SIZE})`);
