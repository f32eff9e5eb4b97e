import { describe, expect, test } from "vitest";
import type { Manifest } from "../../render/manifest.ts";
import { asApplied } from "./as-applied.ts";

const desired: Manifest = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "clovis-config", namespace: "bots", labels: { team: "sales" }, annotations: { "frota.dev/applied": "1f2e" } },
  data: { "openclaw.json": "{}" },
};
const data = { "f:data": { ".": {}, "f:openclaw.json": {} } };
const frota = { manager: "frota", operation: "Apply", fieldsV1: { ...data, "f:metadata": { "f:labels": { "f:team": {} } } } };
const labeler = { manager: "kubectl-label", operation: "Update", fieldsV1: { "f:metadata": { "f:labels": { "f:cost": {} } } } };

function live(mark: string | undefined, ...managedFields: readonly object[]): Manifest {
  const annotations = mark === undefined ? {} : { "frota.dev/applied": mark };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "clovis-config", namespace: "bots", uid: "7", annotations, managedFields } };
}

describe("of a ConfigMap's metadata, whether its data is what is declared", () => {
  test.each<[string, Manifest]>([
    ["Frota alone applied it", live("1f2e", frota)],
    ["others added to its labels only", live("1f2e", labeler, frota)],
  ])("certain: %s", (_case, found) => {
    expect(asApplied(desired, found)).toEqual({ ...desired, metadata: found.metadata });
  });

  test.each<[string, Manifest]>([
    ["something else was applied", live("aaaa", frota)],
    ["it bears no mark", live(undefined, frota)],
    ["nobody is known to have written it", live("1f2e")],
    ["somebody changed a text of it", live("1f2e", { ...frota, fieldsV1: {} }, { manager: "kubectl-edit", operation: "Update", fieldsV1: data })],
    ["somebody shares a text of it", live("1f2e", frota, { manager: "argocd", operation: "Apply", fieldsV1: data })],
    ["somebody added a text", live("1f2e", frota, { manager: "kubectl-edit", operation: "Update", fieldsV1: { "f:data": { "f:notes": {} } } })],
    ["somebody added bytes", live("1f2e", frota, { manager: "kubectl-edit", operation: "Update", fieldsV1: { "f:binaryData": { "f:notes": {} } } })],
    ["somebody took a text away", live("1f2e", { ...frota, fieldsV1: { "f:data": {} } })],
    ["Frota's own patch changed it", live("1f2e", { ...frota, operation: "Update" })],
  ])("not certain: %s", (_case, found) => {
    expect(asApplied(desired, found)).toBeUndefined();
  });

  test("not certain: what is declared bears no mark, as in the plain way", () => {
    const plain = { ...desired, metadata: { name: "clovis-config", namespace: "bots" } };
    expect(asApplied(plain, live(undefined, frota))).toBeUndefined();
  });
});
