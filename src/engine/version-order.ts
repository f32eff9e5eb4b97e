/** Negative when `one` is the older OpenClaw version (`2026.9.2`), 0 when equal, positive when newer. */
export function compareVersions(one: string, other: string): number {
  return numbersOf(one).localeCompare(numbersOf(other));
}

/** Every number padded, so that texts order as versions do. */
function numbersOf(version: string): string {
  return version.replaceAll(/\d+/g, (digits) => digits.padStart(8, "0"));
}
