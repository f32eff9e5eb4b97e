/** Negative when `one` is the older OpenClaw version, 0 when equal, positive when newer; by numeric dotted parts. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.replace(/^v/, "").split(/[.-]/));
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index++) {
    const difference = Number(left?.[index] ?? 0) - Number(right?.[index] ?? 0);
    if (Number.isNaN(difference)) return (left?.[index] ?? "").localeCompare(right?.[index] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}
