import { beforeAll, describe, expect, test } from "vitest";
import { chat, fleetReady, frota, object } from "./lab.ts";

const session = `delete-${process.pid}`;

interface Claim {
  readonly metadata: { readonly uid: string };
  readonly spec: { readonly volumeName: string };
}

interface Named {
  readonly items: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[];
}

beforeAll(() => fleetReady(["roberval"]));

describe("deleting an agent", () => {
  let before: Claim | undefined;

  test("frota delete removes what runs and keeps the volume, because memory is never deleted on the way", async () => {
    await chat("roberval", session, "The spare key is under the third stone");
    before = await object<Claim>("pvc", "roberval-state");
    const { code, stderr } = await frota(["delete", "roberval", "--yes"]);
    expect(code, stderr).toBe(0);
    const left = await object<Named>("deployments,services,configmaps,networkpolicies,persistentvolumeclaims", "-l", "app.kubernetes.io/instance=roberval");
    expect(left.items.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(["PersistentVolumeClaim/roberval-state"]);
    expect((await frota(["status", "roberval"])).code).toBe(1);
  });

  test("frota apply brings it back on the same volume, with what it was told", async () => {
    const { code, stderr } = await frota(["apply", "roberval", "--timeout", "10m"]);
    expect(code, stderr).toBe(0);
    const after = await object<Claim>("pvc", "roberval-state");
    expect(after).toMatchObject({ metadata: { uid: before?.metadata.uid }, spec: { volumeName: before?.spec.volumeName } });
    const reply = await chat("roberval", session, "Where is the spare key?");
    expect(reply).toContain("I remember 1 earlier message");
    expect(reply).toContain("third stone");
  });
});
