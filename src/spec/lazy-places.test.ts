import { expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { assembleFleet } from "./assemble.ts";

vi.mock("yaml", { spy: true });

const FLEET = `apiVersion: frota.dev/v1alpha1
kind: Fleet
metadata: {name: acme, namespace: bots}
spec:
  nodePool: {name: bots}
  image: {repository: registry.example.com/acme/agent}
  storage: {className: fast}
  vault: {address: "https://vault:8200", auth: {role: agents}}
`;
const AGENT = "apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata: {name: clovis, labels: {team: sales}}\nspec: {}\n";

/** The parser that knows places takes four times as long as the one that does not: over a thousand agents, half a second of every command. */
test("where nothing is wrong, no rule makes the files be parsed for places; where something is, that file alone", () => {
  const files = new Map([["fleet.yaml", FLEET], ["clovis/agent.yaml", AGENT]]);
  expect(assembleFleet(files).diagnostics).toEqual([]);
  expect(parseAllDocuments).not.toHaveBeenCalled();
  expect(assembleFleet(files.set("clovis/agent.yaml", AGENT.replace("sales", "a b"))).diagnostics).toHaveLength(1);
  expect(parseAllDocuments).toHaveBeenCalledTimes(1);
});
