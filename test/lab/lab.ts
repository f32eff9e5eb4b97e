import { execa } from "execa";
import { acquire } from "../../src/lab/components/acquire.ts";
import { labLayout, type LabLayout } from "../../src/lab/layout.ts";
import { readLabRecord, type LabRecord } from "../../src/lab/record.ts";
import { runCli, type CliResult } from "../api/cli-run.ts";

/** Name of the lab that all whole-lab tests share; FROTA_TEST_LAB lets two runs go side by side. */
export const TEST_LAB = process.env["FROTA_TEST_LAB"] ?? "test";
/** Name of the lab without agents that comes and goes beside it. */
export const SECOND_LAB = `${TEST_LAB}-second`;

/** The checkout, whose `agents/` the lab runs. */
export const CHECKOUT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** Namespace of the committed fleet. */
export const NAMESPACE = "bots";

/** What brings the whole fleet alive, in the plain way: these tests are about the way that works without a controller. */
export const START = ["start", "--plain"] as const;

/** The environment in which a command means a lab, and no cluster or Vault of the user's. */
export function labEnvironment(lab = TEST_LAB): Record<string, string> {
  const foreign = /^(?:FROTA_|VAULT_|KUBECONFIG$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])), FROTA_LAB: lab };
}

/** Runs a command line of frota in this process on the test lab, from the checkout. */
export function frota(argv: readonly string[], options: { readonly input?: string; readonly cwd?: string } = {}): Promise<CliResult> {
  const { input, cwd = CHECKOUT } = options;
  return runCli(argv, { cwd, env: labEnvironment(), ...(input === undefined ? {} : { input }) });
}

/** Starts a command line of frota as a process of its own, as a user's shell does. */
export function spawnFrota(argv: readonly string[], lab = TEST_LAB) {
  const options = { cwd: CHECKOUT, env: labEnvironment(lab), extendEnv: false, reject: false, all: true, stdin: "ignore" } as const;
  return execa(`${CHECKOUT}/bin/frota`, argv, options);
}

/** Runs it to its end; throws with everything it said when it fails. */
export async function mustRun(argv: readonly string[], lab = TEST_LAB): Promise<string> {
  const { exitCode, all } = await spawnFrota(argv, lab);
  if (exitCode !== 0) throw new Error(`frota ${argv.join(" ")} ended with ${exitCode}:\n${all}`);
  return all;
}

/** Where a lab keeps its things. */
export function layoutOf(lab = TEST_LAB): LabLayout {
  return labLayout(lab, labEnvironment(lab));
}

/** The record of a lab that runs. */
export async function recordOf(lab = TEST_LAB): Promise<LabRecord> {
  const record = await readLabRecord(layoutOf(lab));
  if (!record) throw new Error(`lab ${lab} has no record`);
  return record;
}

const kubectlProgram = acquire("kubernetes", { progress: () => undefined, signal: AbortSignal.timeout(3_600_000), env: process.env });

/** Runs kubectl as the test lab's administrator in the fleet's namespace, and returns what it prints; throws when it fails. */
export function kubectl(...argv: string[]): Promise<string> {
  return kubectlOn(TEST_LAB, ["--namespace", NAMESPACE, ...argv]);
}

/** Runs kubectl as the administrator of any lab, with `input` as its standard input. */
export async function kubectlOn(lab: string, argv: readonly string[], input = ""): Promise<string> {
  const { files } = await kubectlProgram;
  const { stdout } = await execa(files["kubectl"] ?? "kubectl", [`--kubeconfig=${layoutOf(lab).kubeconfig}`, ...argv], { cwd: CHECKOUT, input });
  return stdout;
}

/** An object as kubectl prints it. */
export async function object<T>(...reference: string[]): Promise<T> {
  return JSON.parse(await kubectl("get", ...reference, "-o", "json")) as T;
}

/** An object with what tells who wrote it. */
interface Written {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly managedFields?: readonly { readonly subresource?: string }[] };
  readonly status?: unknown;
}

/**
 * By `kind/name`, all that was written of objects and who wrote it when; their status is left out, because an agent whose readiness wavers on a
 * busy machine was written by nobody.
 */
export async function written(...references: string[]): Promise<Record<string, object>> {
  const { items } = await object<{ items: Written[] }>(...references, "--show-managed-fields");
  return Object.fromEntries(
    items.map(({ status: _status, metadata: { resourceVersion: _version, managedFields = [], ...metadata }, ...rest }) => {
      const writers = managedFields.filter(({ subresource }) => subresource !== "status");
      return [`${rest.kind}/${metadata.name}`, { ...rest, metadata, writers }];
    }),
  );
}

/** What the tests look at of a pod. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly ready: boolean;
      readonly containerID?: string;
      readonly state: {
        readonly running?: { readonly startedAt: string };
        readonly terminated?: { readonly finishedAt: string; readonly exitCode: number };
      };
    }[];
  };
}

/** The pods of an agent, those that stop included. */
export async function podsOf(agent: string): Promise<readonly Pod[]> {
  return (await object<{ items: Pod[] }>("pods", "-l", `app.kubernetes.io/instance=${agent}`)).items;
}

/** The one pod of an agent that is not being deleted. */
export async function podOf(agent: string): Promise<Pod> {
  const pods = (await podsOf(agent)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const [pod] = pods;
  if (!pod || pods.length > 1) throw new Error(`${agent} has ${pods.length} pods`);
  return pod;
}

/** Waits until the agents run what their Deployments say: a drain takes up to 345 s where a turn hangs, a start up to 195 s. */
export async function agentsReady(agents: readonly string[] = ["clovis", "roberval", "clementina"], seconds = 540): Promise<void> {
  await Promise.all(agents.map((agent) => kubectl("rollout", "status", `deployment/${agent}`, `--timeout=${seconds}s`)));
}

/** For the beginning of a test file: a running fleet, whatever an earlier file has left when it failed. */
export async function fleetReady(agents?: readonly string[]): Promise<void> {
  await agentsReady(agents).catch(async () => {
    await mustRun(START);
    await agentsReady(agents);
  });
}

/** Talks to an agent and returns its reply. The stand-in model's reply tells how many earlier messages it was sent. */
export async function chat(agent: string, session: string, message: string): Promise<string> {
  const { code, stdout, stderr } = await frota(["chat", agent, "--session", session, message]);
  if (code !== 0) throw new Error(`frota chat ${agent} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Environment of the agent's gateway process, read in its container. */
export async function processEnvironment(agent: string): Promise<Record<string, string>> {
  const script = 'cat "/proc/$(pgrep -o -f openclaw-gateway || pgrep -o openclaw)/environ"';
  const text = await kubectl("exec", `deployment/${agent}`, "--", "sh", "-c", script);
  const pairs = text.split("\0").filter((pair) => pair.includes("="));
  return Object.fromEntries(pairs.map((pair): [string, string] => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Stops a service of the test lab, or starts it again; it may be as asked already. */
export async function turnService(name: string, to: "stop" | "start"): Promise<void> {
  await execa("sv", ["-w", "20", to, `${layoutOf().services}/${name}`], { reject: false });
}

/** Asks every `interval` milliseconds until the answer is not undefined; for what gives no event to wait on. */
export async function eventually<T>(what: string, seconds: number, ask: () => Promise<T | undefined>, interval = 200): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
