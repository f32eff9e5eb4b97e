import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

const NAMES = Array.from({ length: 12 }, (_, index) => `agent-${String.fromCodePoint(97 + index)}`);

let fleet: OperatedFleet;

beforeAll(async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "late-apply");
  for (const name of NAMES) await fleet.setSecret(name, "first");
  fleet.node.behave((agent) => (agent === "agent-l" ? "secret-missing" : "hang"));
  await fleet.declareFleet();
  await fleet.control();
});

afterAll(() => fleet.end());

test("when the time is over, ten of those who are not Ready are told with the reason, whoever has a telling one first, and the command that finds the cause", async () => {
  const folder = await fleet.writeFiles(Object.fromEntries(NAMES.map((name) => [name, {}])));
  const apply = (timeout: string) => frota(["apply", "--timeout", timeout, "--context", "test"], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig") } });
  expect(await apply("1s")).toMatchObject({ code: 6, stderr: expect.stringContaining("error APPLY_TIMEOUT: ") });
  await vi.waitFor(async () => {
    const pods = await fleet.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: fleet.namespace });
    expect(JSON.stringify(pods.map((pod) => pod["status"]))).toContain("CreateContainerConfigError");
  }, { timeout: 30_000, interval: 200 });

  const { code, stderr } = await apply("3s");
  expect(code).toBe(6);
  const said = stderr.slice(stderr.indexOf("error ")).split("\n");
  expect(said.slice(0, 2)).toEqual(["error APPLY_TIMEOUT: not everything settled within 3 s; the controller goes on:", '  agent-l: CreateContainerConfigError: secret "ana-env" not found']);
  for (const line of said.slice(2, 11)) expect(line).toMatch(/^ {2}agent-[a-k]: \S/);
  expect(said.slice(11)).toEqual(["  and 2 more", "  next: `frota doctor --agent agent-l` finds the cause; `frota status` shows where it stands; --timeout lets you wait longer", ""]);
});
