/** Finds the first version number in a program's answer: `Kubernetes v1.35.4` gives `1.35.4`, `go1.26` gives `1.26`. */
export function parseVersion(text: string): string | undefined {
  return /(?<![\d.])\d+\.\d+(?:\.\d+)*/.exec(text)?.[0];
}

/** Negative, zero or positive, as for sorting; missing parts count as 0, so `1.26` equals `1.26.0`. */
export function compareVersions(left: string, right: string): number {
  const a = left.split(".").map(Number);
  const b = right.split(".").map(Number);
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
