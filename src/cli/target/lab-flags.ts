/** Flags that every command about the lab takes. */
export interface LabFlags {
  readonly lab?: string;
  readonly repo?: string;
}

/** `--lab NAME` */
export const labFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Name of the lab (default: FROTA_LAB, or `default`)",
  placeholder: "name",
} as const;

/** `--repo DIR` */
export const repositoryFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Folder of the fleet repository (default: the nearest with a fleet.yaml)",
  placeholder: "dir",
} as const;
