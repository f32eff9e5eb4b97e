import { describe, expect, test } from "vitest";
import type { ChangeSet } from "../../plan/change-set.ts";
import type { Output } from "../context.ts";
import { changeText } from "./change-text.ts";

const plain = (_style: string, text: string) => text;
const file: Output = { write: () => undefined };
const image = (digit: string) => `registry.example/team/agent@sha256:${digit.repeat(12)}`;
const id = (kind: string, name: string) => ({ apiVersion: "v1", kind, namespace: "bots", name });
const resource = (kind: string, name: string) => ({ ...id(kind, name), apiVersion: "frota.dev/v1alpha1" });

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
    expect(changeText(CHANGES, file, plain)).toBe(`clovis restarts: image
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

  test("a Fleet and an Agent show beside what is rendered from them; a restart for an image shows without an object", () => {
    const agent = { restartReasons: [], configuration: [] };
    const changes: ChangeSet = {
      objects: [
        { id: resource("Fleet", "digitalsys"), action: "configured", differences: [{ path: "spec.image.tag", after: "next" }] },
        { id: resource("Agent", "clovis"), agent: "clovis", action: "configured", differences: [] },
        { id: id("ConfigMap", "clovis-config"), agent: "clovis", action: "configured", differences: [{ path: "data.x", before: 1, after: 2 }] },
        { id: resource("Agent", "roberval"), agent: "roberval", action: "unchanged", differences: [] },
      ],
      agents: [
        { ...agent, name: "clovis", action: "update", configuration: [{ path: "messages.ackReaction", before: "x", after: "y", applies: "live" }] },
        { ...agent, name: "roberval", action: "restart", restartReasons: [{ path: "spec.image", cause: "image", before: "a:1", after: "a:next" }] },
      ],
      leftovers: [],
      refusals: [],
    };
    expect(changeText(changes, file, plain)).toBe(`the fleet
  ~ Fleet digitalsys
      spec.image.tag: (none) -> "next"

clovis changes without a restart
  configuration messages.ackReaction: "x" -> "y" (taken over while it runs)
  ~ Agent clovis
  ~ ConfigMap clovis-config
      data.x: 1 -> 2

roberval restarts: image

0 to create, 3 to change, 1 unchanged. Restarts, one after another: roberval.
`);
  });

  test("on a terminal, long lines are broken and nothing of them is lost: each value in its own, a text's further in than its sign", () => {
    const changes: ChangeSet = {
      objects: [
        { id: id("ConfigMap", "clovis-workspace"), agent: "clovis", action: "configured", differences: [{ path: 'data["SOUL.md"]', before: "You are Clovis, who helps.\n", after: "You are Clovis, who helps the team\n  with  care.\n" }] },
        { id: id("Deployment", "clovis"), agent: "clovis", action: "configured", differences: [{ path: "spec.template.spec.containers[openclaw].image", before: image("1"), after: image("2") }] },
      ],
      agents: [{ name: "clovis", action: "restart", restartReasons: [{ path: "x", cause: "image" }], configuration: [{ path: "session.mode", after: "y".repeat(20), applies: "next-start" }] }],
      leftovers: [],
      refusals: [{ code: "STORAGE_SHRINK", message: "a volume cannot become smaller than it is", next: "declare at least 10Gi" }],
    };
    expect(changeText(changes, { ...file, isTTY: true, columns: 40 }, plain)).toBe(`clovis restarts: image
  configuration session.mode (at its
    next start):
    -(none)
    +"yyyyyyyyyyyyyyyyyyyy"
  ~ ConfigMap clovis-workspace
      data["SOUL.md"]:
        -You are Clovis, who helps.
        +You are Clovis, who helps the
            team
        +  with  care.
  ~ Deployment clovis
      spec.template.spec.containers[openclaw].image:
        -"${image("1")}"
        +"${image("2")}"

refused STORAGE_SHRINK: a volume cannot
  become smaller than it is
  next: declare at least 10Gi
0 to create, 2 to change, 0 unchanged.
  Restarts, one after another: clovis.
`);
  });

  test("nothing to tell is one line", () => {
    expect(changeText({ objects: [], agents: [], leftovers: [], refusals: [] }, file, plain)).toBe(
      "No changes: the cluster is what the files say.\n",
    );
  });
});
