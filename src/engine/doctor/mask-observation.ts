import type { Manifest } from "../../render/manifest.ts";
import { withoutCredentials } from "../../spec/credential.ts";
import { isPlainMap } from "../../spec/plain-data.ts";

/** Characters: shorter values of a Secret are words of everyday texts (`true`, `8080`). */
const SHORTEST = 8;

/** Replaces in a text whatever looks like a credential, and the values of the agent's own Secret, line by line. */
export function maskFor(secret: Manifest | undefined): (text: string) => string {
  const data = isPlainMap(secret?.["data"]) ? Object.values(secret["data"]) : [];
  const values = data
    .filter((value) => typeof value === "string")
    .flatMap((value) => Buffer.from(value, "base64").toString("utf8").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST)
    // A value may be part of a longer one.
    .toSorted((one, other) => other.length - one.length);
  return (text) => withoutCredentials(values.reduce((rest, value) => rest.replaceAll(value, "***"), text));
}

/** The same data with every text in it masked. */
export function masked<Data>(data: Data, mask: (text: string) => string): Data {
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return mask(value);
    if (Array.isArray(value)) return value.map(walk);
    if (!isPlainMap(value) || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only texts are replaced, by texts
  return walk(data) as Data;
}
