/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbors, one each. */
export function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const replace = at(previous, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swap = isSwap(left, right, i, j) ? at(beforePrevious, j - 2) + 1 : Infinity;
      current.push(Math.min(at(previous, j) + 1, at(current, j - 1) + 1, replace, swap));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}

function isSwap(left: string, right: string, i: number, j: number): boolean {
  return i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
}

/** The known name that a mistyped one most likely meant, or undefined when none is near. Case does not count. */
export function closestName(written: string, known: readonly string[]): string | undefined {
  if (written.length > 100) return undefined;
  const allowed = Math.max(1, Math.floor(written.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best?.name;
}

/** A fix for an unknown name: the nearest known one, else what is allowed (at most 12 names). */
export function suggestName(written: string, known: readonly string[]): string {
  const closest = closestName(written, known);
  if (closest !== undefined) return `did you mean \`${closest}\`?`;
  if (known.length === 0) return "remove it: nothing may stand here";
  const listed = known.slice(0, 12).map((name) => `\`${name}\``);
  return `allowed here: ${listed.join(", ")}${known.length > 12 ? ` and ${known.length - 12} more` : ""}`;
}
