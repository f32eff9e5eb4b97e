import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { frota } from "./command-line.ts";
import { OperatedFleet, type RunningController } from "./operated-fleet.ts";

/** Every command that is told an agent's name, without the name. */
const IN_CLUSTER = [
  ["status"],
  ["logs"],
  ["logs", "--follow"],
  ["events"],
  ["events", "--watch"],
  ["doctor", "--agent"],
  ["restart"],
  ["restart", "--dry-run"],
  ["suspend"],
  ["suspend", "--dry-run"],
  ["resume"],
  ["delete", "--yes"],
  ["delete", "--dry-run"],
  ["shell"],
  ["open"],
  ["chat"],
  ["drift"],
];
const IN_REPOSITORY = [["check"], ["diff"], ["plan"], ["apply"], ["adopt"], ["secrets", "list"], ["secrets", "status"], ["secrets", "set"]];

/** Every command that takes `-n`. */
const WITH_NAMESPACE = [
  ...[...IN_CLUSTER, ["adopt"], ["secrets", "list"], ["secrets", "status"]].map((command) => command.concat("clovis")),
  ["secrets", "set", "clovis", "KEY"],
  ...["status", "logs", "events", "doctor", "drift", "secrets list", "secrets status"].map((command) => command.split(" ")),
  ...["image check", "image digest", "image refresh", "rollout status", "controller run", "controller status"].map((command) => command.split(" ")),
  ...["start", "pause", "resume", "abort", "undo"].map((verb) => ["rollout", verb]),
  ["freeze", "--end"],
  ["controller", "uninstall", "--yes"],
];

let fleet: OperatedFleet;
let folder: string;

beforeAll(async () => {
  fleet = await OperatedFleet.make(inject("kubeconfig"), "unknown-agent");
  await fleet.declareFleet();
  await fleet.declareAgent("clovis");
  await fleet.settle();
  folder = await fleet.writeFiles({ clovis: {} });
});

afterAll(() => fleet.end());

const run = (command: readonly string[], name: string) => {
  const more = command[0] === "secrets" && command[1] === "set" ? ["KEY"] : [];
  const options = { cwd: folder, env: { KUBECONFIG: inject("kubeconfig"), FROTA_CONTEXT: "test" }, signal: AbortSignal.timeout(20_000) };
  return frota([...command, name, ...more], options);
};

const words = (said: string, next: string) => ({ code: 2, stdout: "", stderr: `error AGENT_UNKNOWN: ${said}\n  next: ${next}\n` });

function everyVerb() {
  test.each(IN_CLUSTER.map((command) => [command.join(" "), command] as const))("%s", async (_title, command) => {
    const namespace = "namespace unknown-agent has no agent";
    expect(await run(command, "nobody")).toEqual(words(`${namespace} nobody`, "`frota status` lists the agents; `frota apply` creates those of the repository"));
    expect(await run(command, "clovs")).toEqual(words(`${namespace} clovs`, "did you mean `clovis`?"));
  });
}

describe("a name that the namespace does not have is the same mistake, with no controller:", everyVerb);

test.each(WITH_NAMESPACE.map((command) => [command.join(" "), command] as const))("a namespace that the cluster does not have is a mistake, and no fleet in which nothing is wrong, or everything: %s", async (_title, command) => {
  const options = { cwd: folder, env: { KUBECONFIG: inject("kubeconfig"), FROTA_CONTEXT: "test" }, signal: AbortSignal.timeout(20_000) };
  const told = { code: 2, stdout: "", stderr: "error NAMESPACE_UNKNOWN: the cluster has no namespace botz\n  next: kubectl get namespaces\n" };
  expect(await frota([...command, "-n", "botz"], options)).toEqual(told);
});

test("an agent that is declared, and of which nothing was made yet, is known and can be deleted", async () => {
  await fleet.declareAgent("davi");
  expect((await run(["delete", "--dry-run"], "davi")).stderr).toContain("deletes Agent davi\n");
  const { code, stderr } = await run(["delete", "--yes"], "davi");
  expect(stderr).toContain("deleted Agent davi");
  expect(code).toBe(0);
});

describe("a name that the namespace does not have is the same mistake, run by a controller:", () => {
  let controller: RunningController;
  beforeAll(async () => {
    controller = await fleet.control();
    await vi.waitFor(() => expect(controller.operator()).toBeDefined(), 20_000);
  });
  afterAll(() => controller.stop());
  everyVerb();
});

describe("a name that the repository does not have is the same mistake:", () => {
  test.each(IN_REPOSITORY.map((command) => [command.join(" "), command] as const))("%s", async (_title, command) => {
    expect(await run(command, "clovs")).toEqual(words("the fleet repository has no agent clovs", "did you mean `clovis`?"));
  });
});

describe("a name that the namespace does not have is the same mistake, run plainly:", () => {
  beforeAll(async () => {
    const kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    for (const name of ["agents.frota.dev", "fleets.frota.dev"]) await fleet.cluster.delete({ ...kind, name });
    await vi.waitFor(async () => expect((await run(["suspend"], "clovis")).stderr).toContain("NOT_OPERATED"), 30_000);
  });
  everyVerb();
});
