import { describe, expect, test } from "vitest";
import type { ChangeSet } from "../plan/change-set.ts";
import { changeText } from "./change-text.ts";

const plain = (_style: string, text: string) => text;
const id = (kind: string, name: string) => ({ apiVersion: "v1", kind, namespace: "bots", name });

const CHANGES: ChangeSet = {
  objects: [
    { id: id("SecretStore", "vault"), action: "unchanged", differences: [] },
    { id: id("ConfigMap", "clovis-workspace"), agent: "clovis", action: "configured", differences: [
      { path: 'data["SOUL.md"]', before: "one\ntwo\nthree\nfour\n", after: "one\ntwo\n3\nfour\n" },
    ] },
    { id: id("Deployment", "clovis"), agent: "clovis", action: "configured", differences: [
      { path: "spec.template.spec.containers[openclaw].image", before: "agent:1", after: "agent:2" },
    ] },
    { id: id("Service", "clovis"), agent: "clovis", action: "configured", differences: [] },
    { id: id("Deployment", "roberval"), agent: "roberval", action: "created", differences: [] },
  ],
  agents: [
    {
      name: "clovis",
      action: "restart",
      restartReasons: [{ path: "spec.template.spec.containers[openclaw].image", cause: "image" }],
      configuration: [{ path: "session.mode", after: "x", applies: "restart" }],
    },
    { name: "roberval", action: "create", restartReasons: [], configuration: [] },
  ],
  leftovers: [id("ConfigMap", "old-config")],
  refusals: [{ code: "STORAGE_SHRINK", message: "cannot shrink", next: "declare more" }],
};

describe("changeText", () => {
  test("tells agents, objects, fields, leftovers and refusals", () => {
    expect(changeText(CHANGES, plain)).toBe(`clovis restarts: image
  configuration session.mode: (none) -> "x" (with this restart)
  ~ ConfigMap clovis-workspace
      data["SOUL.md"]:
         two
        -three
        +3
         four
  ~ Deployment clovis
      spec.template.spec.containers[openclaw].image: "agent:1" -> "agent:2"
  ~ Service clovis (only takes ownership of its fields)

roberval is new
  + Deployment roberval

no longer declared, and left alone
  - ConfigMap old-config
  (\`frota delete <agent>\` removes an agent and keeps its volume)

refused STORAGE_SHRINK: cannot shrink
  next: declare more
1 to create, 3 to change, 1 unchanged. New agents: roberval. Restarts, one after another: clovis.
`);
  });

  test("nothing to tell is one line", () => {
    expect(changeText({ objects: [], agents: [], leftovers: [], refusals: [] }, plain)).toBe(
      "No changes: the cluster is what the files say.\n",
    );
  });
});
