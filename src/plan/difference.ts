import { isPlainMap, type PlainMap } from "../spec/plain-data.ts";
import type { FieldDifference } from "./change-set.ts";

/** Fields by which Kubernetes tells list items apart, most telling first. */
const ITEM_KEYS = ["name", "mountPath", "containerPort", "key"] as const;

/** Every field that differs between two values, in the order of the path. Lists of named items are compared by name. */
export function differences(before: unknown, after: unknown): FieldDifference[] {
  return differencesAt(before, after, "");
}

function differencesAt(before: unknown, after: unknown, path: string): FieldDifference[] {
  // What applying leaves alone is the live object's own.
  if (Object.is(before, after)) return [];
  if (isPlainMap(before) && isPlainMap(after)) return mapDifferences(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path);
  return [
    {
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function mapDifferences(before: PlainMap, after: PlainMap, path: string): FieldDifference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) => differencesAt(before[key], after[key], fieldPath(path, key)));
}

function listDifferences(before: readonly unknown[], after: readonly unknown[], path: string): FieldDifference[] {
  const itemKey = ITEM_KEYS.find((key) => isKeyedBy(before, key) && isKeyedBy(after, key));
  if (itemKey === undefined) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  }
  const byKey = (list: readonly unknown[]) =>
    new Map(list.map((item) => [isPlainMap(item) ? String(item[itemKey]) : "", item]));
  const old = byKey(before);
  const current = byKey(after);
  const names = [...new Set([...old.keys(), ...current.keys()])];
  return names.flatMap((name) => differencesAt(old.get(name), current.get(name), `${path}[${name}]`));
}

function isKeyedBy(list: readonly unknown[], key: string): boolean {
  const values = list.map((item) => (isPlainMap(item) ? item[key] : undefined));
  return values.every((value) => value !== undefined) && new Set(values).size === values.length;
}

function fieldPath(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}
