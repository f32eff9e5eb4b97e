import { expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { assembleFleet } from "../assemble.ts";

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
const AGENT = "apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata: {name: clovis}\nspec: {}\n";

function told(files: Readonly<Record<string, string>>): string[] {
  const { diagnostics } = assembleFleet(new Map(Object.entries({ "fleet.yaml": FLEET, ...files })));
  return diagnostics.map(({ file, line, column, code, message, fix }) => `${file}:${line}:${column} ${code} ${message} | ${fix ?? ""}`);
}

function freeze(text: string): string {
  return `${FLEET}  disruption: {freezes: [${text}]}\n`;
}

test.each<[string, string, RegExp]>([
  ["a tag in the repository", FLEET.replace("acme/agent", "acme/agent:latest"), /^fleet\.yaml:6:23 INVALID_VALUE `spec\.image\.repository` .*spec\.image\.tag/],
  ["a scheme before the registry", FLEET.replace("registry.", "https://registry."), /^fleet\.yaml:6:23 INVALID_VALUE .*leave out `https:/],
  ["an address of Vault without a scheme", FLEET.replace("https://vault:", "vault.example.com:"), /^fleet\.yaml:8:20 INVALID_VALUE `spec\.vault\.address` .*begin it with/],
  ["a freeze that ends first", freeze("{from: '2026-12-24T00:00:00Z', to: '2026-12-20T00:00:00Z'}"), /^fleet\.yaml:9:61 INVALID_VALUE .*freezes\[0\]\.to` must be after/],
  ["a city for a time zone", freeze("{from: '18:00', to: '08:00', timeZone: Sao Paulo}"), /^fleet\.yaml:9:65 INVALID_VALUE .*did you mean `America\/Sao_Paulo`/],
  ["a time zone that is nowhere", freeze("{from: '18:00', to: '08:00', timeZone: Brasilia}"), /timeZone` must be a time zone/],
  ["too many percent", `${FLEET}  disruption: {maxDisrupted: 150%}\n`, /^fleet\.yaml:9:30 INVALID_VALUE .* must be a number from 1, or a percentage such as 10%/],
  ["a fleet's label", FLEET.replace("namespace: bots}", "namespace: bots, labels: {time: São Paulo}}"), /^fleet\.yaml:3:56 INVALID_VALUE a label's value/],
])("fleet.yaml: %s", (_title, fleet, expected) => {
  expect(told({ "fleet.yaml": fleet })).toEqual([expect.stringMatching(expected)]);
});

test.each<[string, string, string, RegExp]>([
  ["a name that no Service may have", "7up", AGENT.replace("clovis", "7up"), /^7up\/agent\.yaml:3:18 INVALID_VALUE `metadata\.name` must begin with a letter.*`agent-7up`/],
  ["a label's value with a space", "clovis", AGENT.replace("clovis}", "clovis, labels: {team: a b}}"), /^clovis\/agent\.yaml:3:41 INVALID_VALUE a label's value/],
  ["a label's key with an accent", "clovis", AGENT.replace("clovis}", "clovis, labels: {região: sul}}"), /^clovis\/agent\.yaml:3:35 INVALID_VALUE a label's key/],
])("agent.yaml: %s", (_title, folder, agent, expected) => {
  expect(told({ [`${folder}/agent.yaml`]: agent })).toEqual([expect.stringMatching(expected)]);
});

test.each([
  ["a repository without a registry", FLEET.replace("registry.example.com/acme/agent", "acme/agent")],
  ["a registry by address and port", FLEET.replace("registry.example.com", "10.213.0.2:5000")],
  ["a host without dots", FLEET.replace("registry.example.com", "localhost:5000")],
  ["a weekly freeze over midnight", freeze("{from: '18:00', to: '08:00', timeZone: America/Sao_Paulo}")],
  ["labels as Kubernetes takes them", FLEET.replace("namespace: bots}", "namespace: bots, labels: {example.com/team: A_b.c-1, empty: ''}}")],
])("%s is taken", (_title, fleet) => {
  expect(told({ "fleet.yaml": fleet, "clovis/agent.yaml": AGENT })).toEqual([]);
});

/** The parser that knows places takes four times as long as the one that does not: over a thousand agents, half a second of every command. */
test("where nothing is wrong, no rule makes the files be parsed for places; where something is, that file alone", () => {
  const agent = AGENT.replace("clovis}", "clovis, labels: {team: sales}}");
  vi.mocked(parseAllDocuments).mockClear();
  expect(told({ "clovis/agent.yaml": agent })).toEqual([]);
  expect(parseAllDocuments).not.toHaveBeenCalled();
  expect(told({ "clovis/agent.yaml": agent.replace("sales", "a b") })).toHaveLength(1);
  expect(parseAllDocuments).toHaveBeenCalledTimes(1);
});
