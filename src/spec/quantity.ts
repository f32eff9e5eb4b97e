const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as Frota accepts it: a decimal number with an optional unit (`500m`, `2`, `10Gi`). */
export const QUANTITY_PATTERN = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/** The quantity's value in its base unit (bytes, cores). Throws a RangeError for text that is not a quantity. */
export function parseQuantity(text: string): number {
  const match = QUANTITY_PATTERN.exec(text);
  if (!match) throw new RangeError(`not a Kubernetes quantity: ${text}`);
  return Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1);
}
