import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { renderAgent } from "../../src/render/agent.ts";
import { renderFleet } from "../../src/render/fleet.ts";
import { readRepository } from "../../src/repository/read-repository.ts";
import { assembleFleet } from "../../src/spec/assemble.ts";
import { blocks, documents, ROOT } from "../unit/documents.ts";
import { controlPlaneBinaries } from "./binaries.ts";
import { runCli } from "./cli-run.ts";
import { installDefinitions } from "./operated-fleet.ts";

const NAMESPACE = "guides";
/** What only looks, or changes nothing that could run here: no kubelet takes the pods. */
const HARMLESS = /^kubectl (?:get|describe|annotate externalsecret|rollout restart .*--field-manager)[ =]/;

const guides = documents().filter(({ path }) => path.startsWith("docs/guide/"));
const PIPED = /^npx frota (render .*--stdout) \| kubectl (.*)$/;
const inBlocks = guides.flatMap(blocks).filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
const inText = guides.flatMap(({ text }) => [...text.matchAll(/`(kubectl [^`]+)`/g)].map(([, line = ""]) => line));
const lines = [...new Set([...inBlocks, ...inText])].filter((line) => HARMLESS.test(line));

let cluster: Cluster;
let kubectl: string;

/** As a user's shell runs it, in a namespace of the test's own. */
async function inShell(line: string) {
  const command = line.replaceAll(/-n bots\b/g, `-n ${NAMESPACE}`).replace(/^kubectl/, '"$KUBECTL"');
  return execa("sh", ["-c", command], { env: { KUBECTL: kubectl, KUBECONFIG: inject("kubeconfig") }, reject: false });
}

beforeAll(async () => {
  kubectl = (await controlPlaneBinaries())("kubectl");
  cluster = await connect({ path: inject("kubeconfig") });
  await installDefinitions(cluster);
  const { source } = assembleFleet(await readRepository(join(import.meta.dirname, "../../agents")));
  if (!source) throw new Error("the committed fleet is not valid");
  const fleet = { ...source.fleet, metadata: { ...source.fleet.metadata, namespace: NAMESPACE } };
  const shared = renderFleet(fleet).filter(({ kind }) => !kind.startsWith("ValidatingAdmissionPolicy"));
  const agents = source.agents.flatMap((agent) => renderAgent(fleet, agent));
  for (const manifest of [...shared, ...agents]) await cluster.apply(manifest);
  await cluster.apply({ apiVersion: "frota.dev/v1alpha1", kind: "Agent", metadata: { name: "clovis", namespace: NAMESPACE }, spec: {} });
  const restarts = ["Image", "Secret"].map((cause, hour) => ({ cause, at: `2026-11-23T0${hour}:00:00Z`, detail: "" }));
  await inShell(`kubectl patch agent clovis -n bots --subresource=status --type=merge -p '${JSON.stringify({ status: { restarts } })}'`);
});

afterAll(() => cluster.close());

describe("kubectl, as the guides use it to look", () => {
  test("there is something to try", () => expect(lines.length).toBeGreaterThan(12));

  test.each(lines)("%s", async (line) => {
    const { exitCode, stderr } = await inShell(line);
    expect(exitCode, stderr).toBe(0);
  });

  test("what is printed for kubectl is what the API server takes", async () => {
    const [, render = "", apply = ""] = PIPED.exec(inBlocks.find((line) => PIPED.test(line)) ?? "") ?? [];
    const printed = await runCli(render.split(" "), { cwd: ROOT, env: {} });
    const stream = printed.stdout.replaceAll("namespace: bots", `namespace: ${NAMESPACE}`);
    const { stdout } = await execa(kubectl, apply.split(" "), { env: { KUBECONFIG: inject("kubeconfig") }, input: stream });
    const objects = Array.from(stdout.matchAll(/^(\S+) (\w+) \(server dry run\)$/gm), ([, object]) => object);
    expect(objects).toHaveLength(stream.split(/^---$/m).length - 1);
    expect(objects).toContain("deployment.apps/clovis");
  });

  test("the newest restart of each agent is what the handbook's columns show", async () => {
    const { stdout } = await inShell(lines.find((line) => line.includes(".status.restarts")) ?? "false");
    expect(stdout.split("\n").map((row) => row.split(/\s+/))).toEqual([["AGENT", "CAUSE", "AT"], ["clovis", "Secret", "2026-11-23T01:00:00Z"]]);
  });
});
