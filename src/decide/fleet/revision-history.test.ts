import { expect, test } from "vitest";
import { admit } from "../admit.ts";
import type { FleetWorld, ImageRevision } from "../fleet-world.ts";
import { agentWorld, DEPLOYMENT, fleetWorld, NOON, permit, pod, POLICY, revision, status } from "../testing/worlds.ts";
import type { AgentWorld, ImageTarget } from "../world.ts";

const image = (number: number): ImageTarget => ({ digest: `sha256:${number.toString(16).padStart(64, "0")}` });
const nameOf = (number: number, changes: Partial<ImageRevision> = {}) => ({ ...revision(image(number), number, changes), name: `fleet-image-${number}` });
/** An agent on the newest image, of as many as there are. */
const agentOn = (number: number, changes: Partial<AgentWorld> = {}) =>
  agentWorld({ previous: status(), target: image(number), deployment: { ...DEPLOYMENT, pinnedDigest: image(number).digest }, pods: [pod({ digest: image(number).digest })], ...changes });

function forgotten(count: number, changes: Partial<FleetWorld> = {}, agent: AgentWorld = agentOn(count)): readonly string[] {
  const revisions = Array.from({ length: count }, (_, index) => nameOf(index + 1));
  const { actions } = admit(fleetWorld([agent], { revisions, ...changes }), NOON);
  return actions.flatMap((action) => (action.type === "forget-revision" ? [action.name.replace("fleet-image-", "")] : []));
}

/** The first fourteen, some of them changed. */
const marked = (marks: Readonly<Record<number, Partial<ImageRevision>>>) => Array.from({ length: 14 }, (_, index) => nameOf(index + 1, marks[index + 1]));

test.each<[string, readonly string[], readonly string[]]>([
  ["the target and ten others stay", forgotten(11), []],
  ["what is older goes", forgotten(14), ["3", "2", "1"]],
  ["a rejected one stays, and does not count", forgotten(14, { revisions: marked({ 1: { rejected: "failed" }, 5: { rejected: "aborted" } }) }), ["2"]],
  ["what the last request marked stays", forgotten(14, { revisions: marked({ 2: { operation: "o1" } }), operation: { id: "o1", verb: "undo", by: "ana", at: NOON } }), ["3", "1"]],
  ["what an agent had before stays", forgotten(14, {}, agentOn(14, { deployment: { ...DEPLOYMENT, pinnedDigest: image(14).digest, previous: image(1) } })), ["3", "2"]],
  ["what an agent failed on stays", forgotten(14, {}, agentOn(14, { deployment: { ...DEPLOYMENT, pinnedDigest: image(14).digest, failed: { digest: image(1).digest, attempt: 1 } } })), ["3", "2"]],
  ["what a pod runs, and what a permit is for, stay", forgotten(15, {}, agentOn(15, { pods: [pod({ digest: image(15).digest }), pod({ uid: "old", digest: image(1).digest, isTerminating: true })], permit: permit({ image: image(2) }) })), ["4", "3"]],
  ["a suspended fleet keeps all", forgotten(14, { policy: { ...POLICY, suspended: "by ana" } }), []],
])("%s", (_name, found, expected) => {
  expect(found).toEqual(expected);
});
