/** Why a code comes up, and what to do about it: a few sentences each, with commands in backquotes. */
export interface Explanation {
  readonly cause: string;
  readonly remedy: string;
}

/** Codes that belong together. */
export interface CatalogSection {
  readonly title: string;
  /** Where one meets these codes. */
  readonly about: string;
  readonly codes: Readonly<Record<string, Explanation>>;
}
