import { execFile } from "node:child_process";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterEach, expect, inject, test } from "vitest";
import { runFrota } from "../../src/cli/app.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { valueAt } from "../../src/spec/plain-data.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import type { Manifest } from "../../src/render/manifest.ts";
import { controlPlaneBinaries } from "./binaries.ts";
import { frota } from "./command-line.ts";
import { OperatedFleet } from "./operated-fleet.ts";

let fleet: OperatedFleet;

afterEach(() => fleet.end());

const kubeconfig = () => inject("kubeconfig");
const run = (...args: string[]) => frota([...args, "-n", fleet.namespace, "--context", "test"], { cwd: "/", env: { KUBECONFIG: kubeconfig() } });
const rolloutOf = (object: Manifest | undefined) => mapsAt(object, "status", "rollouts")[0] ?? {};
const untilFleet = (isWanted: (rollout: ReturnType<typeof rolloutOf>) => boolean) => fleet.until("frota.dev/v1alpha1", "Fleet", "test", (object) => isWanted(rolloutOf(object)));
const untilOn = (agent: string, digest: string) => fleet.until("apps/v1", "Deployment", agent, (object) => JSON.stringify(valueAt(object, ["spec", "template"])).includes(digest));

async function eventsOfFleet(): Promise<string[]> {
  const events = await fleet.cluster.events({ apiVersion: "frota.dev/v1alpha1", kind: "Fleet", namespace: fleet.namespace, name: "test" });
  return events.map((event) => `${textAt(event, "reason")} ${textAt(event, "message")}`);
}

/** The row of the Fleet as `kubectl get fleets` prints it, by column. */
async function kubectlGetFleets(): Promise<Record<string, string | undefined>> {
  const kubectl = (await controlPlaneBinaries())("kubectl");
  const { stdout } = await promisify(execFile)(kubectl, ["get", "fleets", "-n", fleet.namespace, "--kubeconfig", kubeconfig()]);
  const [header = [], row = []] = stdout.trim().split("\n").map((line) => line.split(/\s+/));
  return Object.fromEntries(header.map((title, column) => [title, row[column]]));
}

test("with nothing to act on a request is refused, and says so; a pause is seen, and holds the next image", async () => {
  fleet = await OperatedFleet.make(kubeconfig(), "rollout-idle");
  await fleet.declareFleet();
  await fleet.declareAgent("ana");
  await fleet.settle();
  await fleet.control();
  const before = await fleet.get("frota.dev/v1alpha1", "Fleet", "test");
  expect(await run("rollout", "abort")).toMatchObject({ code: 4, stderr: expect.stringMatching(/REQUEST_WITHOUT_EFFECT[^]*nothing to abort: no image of latest is rolling out; 1 of 1 agents run sha256/) });
  expect(await run("rollout", "undo")).toMatchObject({ code: 4, stderr: expect.stringMatching(/nothing to undo: .* the first image/) });
  expect(await run("rollout", "start")).toMatchObject({ code: 4, stderr: expect.stringMatching(/nothing to start: [^]*frota image refresh/) });
  expect(await run("rollout", "resume")).toMatchObject({ code: 4, stderr: expect.stringMatching(/nothing to resume: latest is not paused: Complete/) });
  expect((await fleet.get("frota.dev/v1alpha1", "Fleet", "test"))?.metadata.annotations).toEqual(before?.metadata.annotations);
  expect(await kubectlGetFleets()).toMatchObject({ TAG: "latest", ROLLOUT: "Complete", READY: "True" });

  expect(await run("rollout", "pause")).toMatchObject({ code: 0, stderr: expect.stringContaining("paused: nothing rolls out now") });
  expect(await run("rollout", "status")).toMatchObject({ code: 1, stdout: expect.stringMatching(/Paused[^]*paused by .*: no newer image rolls out[^]*frota rollout resume/) });
  expect(await kubectlGetFleets()).toMatchObject({ ROLLOUT: "Paused", READY: "True" });
  expect(await run("rollout", "pause")).toMatchObject({ code: 4, stderr: expect.stringContaining("nothing to pause: latest is paused by") });
  const digest = fleet.push("second");
  expect(await run("image", "refresh")).toMatchObject({ code: 0 });
  await untilFleet(({ phase, digest: head }) => phase === "Paused" && head === digest);
  expect(await run("rollout", "resume")).toMatchObject({ code: 0 });
  await untilOn("ana", digest);
  await untilFleet(({ phase }) => phase === "Complete");
  expect((await eventsOfFleet()).map((event) => event.split(" ")[0])).toEqual(expect.arrayContaining(["RolloutPaused", "RolloutResumed"]));

  // Asked for a moment after the registry was asked, long before the next interval's end.
  fleet.push("third");
  expect(await run("image", "refresh")).toMatchObject({ code: 0 });
  const fourth = fleet.push("fourth");
  expect(await run("image", "refresh")).toMatchObject({ code: 0 });
  await untilOn("ana", fourth);
  await untilFleet(({ phase, digest: head }) => phase === "Complete" && head === fourth);

  expect(await run("suspend", "--all", "--reason", "holidays")).toMatchObject({ code: 0 });
  expect(await run("rollout", "undo")).toMatchObject({ code: 4, stderr: expect.stringMatching(/FLEET_SUSPENDED[^]*holidays[^]*frota resume --all/) });
});

/** Runs `rollout status --watch` as on a terminal or in a pipe; `begun` when it has shown something. Escape characters are told as `ESC`. */
function watchRollouts(isTTY: boolean): { readonly begun: Promise<void>; readonly ended: Promise<{ readonly code: number; readonly text: string }> } {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  let text = "";
  const stdout = {
    isTTY,
    columns: 80,
    rows: 24,
    write(written: string) {
      text += written.replaceAll("\u001B", "ESC");
      if (text.includes("latest")) resolve();
    },
  };
  const context: CliContext = {
    process: { stdout, stderr: { write: () => undefined }, stdin: Readable.from([]), env: { KUBECONFIG: kubeconfig(), NO_COLOR: "1" }, exitCode: null },
    cwd: "/",
    signal: AbortSignal.timeout(60_000),
  };
  const running = runFrota(["rollout", "status", "--watch", "-n", fleet.namespace, "--context", "test"], context);
  return { begun, ended: running.then((code) => ({ code, text })) };
}

test("an abort shows agents on their way back, and Events tell who asked for what", async () => {
  fleet = await OperatedFleet.make(kubeconfig(), "rollout-abort");
  await fleet.declareFleet();
  const first = fleet.push("first");
  for (const agent of ["ana", "bea"]) await fleet.declareAgent(agent);
  await fleet.settle();
  // The second agent stays on its way until somebody helps, and nobody else moves before.
  fleet.node.behave((agent) => (agent === "bea" ? "hang" : "ready"));
  await fleet.control();
  const second = fleet.push("second");
  await untilOn("bea", second);
  const folder = await fleet.writeFiles({ ana: {}, bea: {} });
  const again = await frota(["apply", "--context", "test", "--timeout", "10m"], { cwd: folder, env: { KUBECONFIG: kubeconfig() } });
  expect(again, "an apply that changes nothing waits for nobody who moves to another image").toMatchObject({
    code: 0, stderr: expect.stringMatching(/note: image latest is rolling out, sha256:\w{12} on 1 of 2 agents, wave 2: bea; `frota rollout status --watch` follows it\n/),
  });
  expect(await run("rollout", "abort")).toMatchObject({ code: 0, stderr: expect.stringContaining(`go back to ${first.slice(0, 19)}`) });
  const back = rolloutOf(await untilFleet(({ phase }) => phase === "RollingBack"));
  expect(back).toMatchObject({ digest: first, message: expect.stringMatching(/^back to sha256:.*, wave \d: .*; latest means .*, which was aborted by /) });
  expect(await run("rollout", "abort")).toMatchObject({ code: 4, stderr: expect.stringMatching(/nothing to abort: back to/) });

  const [terminal, pipe] = [watchRollouts(true), watchRollouts(false)];
  await Promise.all([terminal.begun, pipe.begun]);
  fleet.node.behave(() => "ready");
  const pods = await fleet.cluster.list({ apiVersion: "v1", kind: "Pod" }, { namespace: fleet.namespace, labelSelector: "app.kubernetes.io/instance=bea" });
  for (const pod of pods) await fleet.cluster.delete({ apiVersion: "v1", kind: "Pod", namespace: fleet.namespace, name: pod.metadata.name });
  for (const agent of ["ana", "bea"]) await untilOn(agent, first);
  await untilFleet(({ phase, waves }) => phase === "Held" && Array.isArray(waves) && waves.length === 0);
  const drawn = await terminal.ended;
  expect(drawn).toMatchObject({ code: 1, text: expect.stringMatching(/^ESC\[\?25llatest [^]*RollingBack[^]*ESC\[\d+Flatest [^]*Held[^]*ESC\[\?25h$/) });
  expect(drawn.text.split("\n").filter((line) => line.replaceAll(/ESC\[[?\d]*\w/g, "").length > 80)).toEqual([]);
  const piped = await pipe.ended;
  expect(piped).toMatchObject({ code: 1, text: expect.stringMatching(/^latest [^]*RollingBack[^]*\nlatest [^]*Held/) });
  expect(piped.text).not.toContain("ESC");
  expect(await run("rollout", "status")).toMatchObject({ code: 1, stdout: expect.stringMatching(/Held[^]*aborted by[^]*frota rollout start/) });
  expect(await run("rollout", "start")).toMatchObject({ code: 0 });
  await untilOn("ana", second);
  const events = await eventsOfFleet();
  expect(events).toContainEqual(expect.stringMatching(/^RolloutAborted latest: aborted by .*: agents go back from sha256:.* to sha256:/));
  expect(events).toContainEqual(expect.stringMatching(/^RolloutRolledBack latest: sha256:/));
  expect(events).toContainEqual(expect.stringMatching(/^RolloutStarted latest: started by .*: sha256:.* rolls out again$/));
});
