import { afterEach, expect, inject, test } from "vitest";
import type { Permit } from "../../src/decide/world.ts";
import type { ActContext } from "../../src/engine/operate/act/context.ts";
import { mustBePermitted } from "../../src/engine/operate/act/permit.ts";
import { encodeLedger } from "../../src/engine/operate/ledger.ts";
import { agentReference, requestRestart } from "../../src/engine/operated/request.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { textAt } from "../../src/spec/plain-field.ts";
import { OperatedFleet } from "./operated-fleet.ts";
import { ok, StandInGateway } from "./stand-in-gateway.ts";

let fleet: OperatedFleet;
const gateway = new StandInGateway();

afterEach(async () => {
  await fleet.end();
  gateway.close();
});

const parse = (text: string | undefined): Record<string, unknown> => JSON.parse(text ?? "{}") as Record<string, unknown>;
const askRestart = (id: string) => requestRestart(fleet.cluster, agentReference(fleet.namespace, "ana"), { id, by: "bob", at: new Date() });
const annotationOf = (object: Manifest | undefined, name: string) => parse(object?.metadata.annotations?.[`frota.dev/${name}`]);

test("a restart that the ledger does not allow any more is refused, whatever the cache says", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-permit");
  const { cluster, namespace } = fleet;
  const context = { cluster, namespace } as ActContext;
  const action = { type: "restart", resourceVersion: "1", id: "p1", cause: "Secret", detail: "", image: { digest: "sha256:a" } } as const;
  const write = (permit: Partial<Permit>) => {
    const whole: Permit = { id: "p1", cause: "Secret", also: [], grantedAt: 0, image: { digest: "sha256:a" }, attempt: 0, ...permit };
    return cluster.apply(encodeLedger(namespace, new Map([["ana", whole]])), { force: true });
  };
  await expect(mustBePermitted(context, "ana", action)).rejects.toMatchObject({ code: "PERMIT_GONE" });
  await write({});
  await expect(mustBePermitted(context, "ana", action)).resolves.toBeUndefined();
  await write({ withdrawnAt: 1 });
  await expect(mustBePermitted(context, "ana", action)).rejects.toMatchObject({ code: "PERMIT_GONE" });
  await write({ id: "p2" });
  await expect(mustBePermitted(context, "ana", action)).rejects.toMatchObject({ code: "PERMIT_GONE" });
});

test("a Deployment that is made while a person waits for a restart has served that: it is not restarted once more", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-served");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  await askRestart("r1");
  await cluster.delete({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: "ana" });
  await fleet.settle();
  const made = await fleet.deployment("ana");
  expect(annotationOf(made, "restart")).toMatchObject({ cause: "Created", request: "r1" });
  expect(made?.metadata["generation"]).toBe(1);
  const agent = await fleet.get("frota.dev/v1alpha1", "Agent", "ana");
  expect(textAt(agent, "status", "acknowledgedOperation")).toBe("r1");
});

test("a person's request replaces the pod, though nothing else of its template changes; an image and a secret stay as they are", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-requested");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  for (const id of ["r1", "r2"]) {
    const pods = fleet.node.log.length;
    await askRestart(id);
    await fleet.settle();
    expect(fleet.node.log.slice(pods).filter((line) => line.startsWith("new")), `a new pod for ${id}`).toHaveLength(1);
    expect(annotationOf(await fleet.deployment("ana"), "restart")).toMatchObject({ cause: "Requested", request: id });
  }
});

test("hot keys that were written past the gateway reach a process that began before, once", async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "operated-missed-keys");
  const { cluster, namespace } = fleet;
  await fleet.declareFleet();
  await fleet.declareAgent("ana", { openclaw: { tools: { profile: "coding", deny: ["browser"] } } });
  await fleet.settle();
  const name = "ana-config";
  // What the process that runs was told at its start.
  let live = parse(textAt(await fleet.get("v1", "ConfigMap", name), "data", "openclaw.json"));
  const patches: string[] = [];
  gateway.answers["config.get"] = () => ok({ parsed: live, hash: String(patches.length), valid: true });
  gateway.answers["config.patch"] = ({ raw }) => {
    patches.push(String(raw));
    live = { ...live, tools: { profile: "messaging" } };
    return ok({ ok: true });
  };

  // While nobody looks, the ConfigMap goes and Git changes.
  await cluster.delete({ apiVersion: "v1", kind: "ConfigMap", namespace, name });
  await fleet.declareAgent("ana", { openclaw: { tools: { profile: "messaging" } } });
  const { address } = await gateway.endpoint();
  const controller = await fleet.control({ gatewayAccess: { type: "address", address } });
  const isTaken = (object: Manifest | undefined) => typeof annotationOf(object, "hot-keys")["takenBy"] === "string";
  const written = await fleet.until("v1", "ConfigMap", name, isTaken);
  expect(patches.map((patch) => parse(patch))).toMatchObject([{ tools: { profile: "messaging" } }]);
  const pods = await cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector: "app.kubernetes.io/instance=ana" });
  expect(annotationOf(written, "hot-keys")["takenBy"]).toBe(`${textAt(pods[0], "metadata", "uid")}/0`);
  await controller.stop();

  const version = written?.metadata["resourceVersion"];
  await fleet.settle();
  expect((await fleet.get("v1", "ConfigMap", name))?.metadata["resourceVersion"]).toBe(version);
  expect(patches).toHaveLength(1);
});
