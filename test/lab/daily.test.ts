import { readdir, readFile } from "node:fs/promises";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { agentsReady, CHECKOUT, eventually, fleetReady, frota, kubectl, kubectlOn, labEnvironment, NAMESPACE, object, podOf, spawnFrota, TEST_LAB, type Pod } from "./lab.ts";

const inCheckout = { cwd: CHECKOUT, env: labEnvironment(), extendEnv: false, reject: false } as const;

/**
 * Runs a line of a shell in a terminal of 80 columns, and types the input when a prompt waits for it, as a person does: what comes sooner may
 * meet a shell that is just made. `afterwards` gets what the terminal showed so far, when it has shown what was typed.
 */
async function inTerminal(line: string, input: string, afterwards?: (shown: string) => void) {
  const running = execa("script", ["-qec", `stty cols 80 rows 24; ${line}`, "/dev/null"], { ...inCheckout, timeout: 120_000 });
  let shown = "";
  running.stdout.on("data", (chunk) => (shown += String(chunk)));
  await eventually("a prompt", 60, () => Promise.resolve(/[#$] $/.test(shown) || undefined));
  running.stdin.write(input);
  if (afterwards) {
    await eventually("what was typed", 60, () => Promise.resolve(shown.includes(input.trimEnd()) || undefined));
    afterwards(shown);
  }
  return running;
}

const processOf = ({ metadata, status }: Pod) => `${metadata.uid} ${status.containerStatuses?.[0]?.restartCount}`;

async function restarted(agent: string, act: () => Promise<unknown>): Promise<void> {
  const before = await podOf(agent);
  await act();
  await eventually(`${agent} to restart`, 300, async () => {
    const pod = await podOf(agent).catch(() => before);
    const isReady = pod.status.containerStatuses?.[0]?.ready;
    return isReady && processOf(pod) !== processOf(before) ? true : undefined;
  });
  await agentsReady([agent]);
}

/** What `frota logs` said, but for what it tells beside the log. */
const withoutNotices = (said: string) => said.replaceAll(/^-- .*\n/gm, "");

const deletePod = async (agent: string) => kubectl("delete", "pod", (await podOf(agent)).metadata.name, "--wait=false");

beforeAll(() => fleetReady());

describe("logs", () => {
  test("goes through a new pod: every line of it, once, and why it came", async () => {
    const following = spawnFrota(["logs", "clovis", "--follow", "--tail", "3"]);
    let said = "";
    following.all.on("data", (chunk) => (said += String(chunk)));
    await eventually("the first lines", 60, () => Promise.resolve(said.includes("\n") || undefined));
    await restarted("clovis", () => deletePod("clovis"));
    const { name } = (await podOf("clovis")).metadata;
    const log = await kubectl("logs", name);
    // All of it: its last line may be one that the process before it said as well.
    await expect.poll(() => withoutNotices(said), { timeout: 60_000 }).toContain(log);
    following.kill("SIGINT");
    expect((await following).exitCode).toBe(0);
    expect(said).toContain(`-- clovis restarted: its pod was deleted, evicted or lost (pod ${name})`);
  });

  test("goes through a container that begins again in its pod", async () => {
    const following = spawnFrota(["logs", "clovis", "--follow", "--tail", "1"]);
    let said = "";
    following.all.on("data", (chunk) => (said += String(chunk)));
    await eventually("the first line", 60, () => Promise.resolve(said.includes("\n") || undefined));
    await restarted("clovis", () => frota(["shell", "clovis", "--", "kill", "1"]));
    const { name } = (await podOf("clovis")).metadata;
    const log = await kubectl("logs", name);
    // All of it: its last line may be one that the process before it said as well.
    await expect.poll(() => withoutNotices(said), { timeout: 60_000 }).toContain(log);
    following.kill("SIGINT");
    expect((await following).exitCode).toBe(0);
    expect(said).toMatch(new RegExp(`^-- clovis restarted: its gateway ended with exit code \\d+.* \\(pod ${name}\\)$`, "m"));
    expect(await frota(["logs", "clovis", "--previous"])).toMatchObject({ code: 0 });
  });

  test("of all agents is ordered by time, finds what is asked for, and ends quietly when nobody reads on", async () => {
    const { code, stdout } = await frota(["logs", "--since", "1h", "--grep", "ready"]);
    expect(code).toBe(0);
    expect(new Set(stdout.trimEnd().split("\n").map((line) => line.split(" ")[0]))).toEqual(new Set(["clementina", "clovis", "roberval"]));
    const head = await execa("sh", ["-c", "bin/frota logs clovis | head -n 1"], inCheckout);
    expect(head).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

/** Makes a Kubernetes Event of this moment about the agent's Deployment. */
async function makeEvent(agent: string, message: string): Promise<void> {
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: "test-", namespace: NAMESPACE },
    involvedObject: { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name: agent },
    type: "Normal",
    reason: "Test",
    message,
    lastTimestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    count: 1,
  };
  await kubectlOn(TEST_LAB, ["create", "-f", "-"], JSON.stringify(event));
}

describe("events", () => {
  test("tells of a restart in words, while it happens and afterwards", async () => {
    const watching = spawnFrota(["events", "roberval", "--watch", "--since", "1s", "-o", "json"]);
    let said = "";
    watching.all.on("data", (chunk) => (said += String(chunk)));
    await eventually("the watch to have begun", 60, async () => {
      await makeEvent("roberval", "the test began");
      return said.includes("the test began") || undefined;
    });
    await restarted("roberval", () => deletePod("roberval"));
    await eventually("the start", 60, () => Promise.resolve(/"its container started"/.test(said) || undefined));
    watching.kill("SIGINT");
    expect((await watching).exitCode).toBe(0);
    const events = said.trimEnd().split("\n").map((line): { agent: string; what: string } => JSON.parse(line) as { agent: string; what: string });
    expect(new Set(events.map(({ agent }) => agent))).toEqual(new Set(["roberval"]));
    expect(events.map(({ what }) => what)).toEqual(expect.arrayContaining([expect.stringMatching(/^its pod was placed on node bots-1$/), "its container started"]));
    // Just after midnight with yesterday's date.
    expect((await frota(["events", "roberval"])).stdout).toMatch(/^(?:\w{3} \d\d )?\d\d:\d\d:\d\d {2}roberval {2}its container started$/m);
  });
});

describe("shell", () => {
  test("passes every byte in and out, and the command's exit code on", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const { exitCode, stdout, stderr } = await execa(`${CHECKOUT}/bin/frota`, ["shell", "clovis", "--", "sh", "-c", "cat; echo done >&2; exit 7"], { ...inCheckout, input: bytes, encoding: "buffer" });
    expect([exitCode, Buffer.from(stderr).toString()]).toEqual([7, "done"]);
    expect(Buffer.from(stdout).equals(Buffer.from(bytes))).toBe(true);
  });

  test("a command that is not there, and an agent that does not run", async () => {
    expect(await frota(["shell", "clovis", "--", "no-such-command"])).toMatchObject({ code: 3, stderr: expect.stringContaining("EXEC_FAILED") });
    expect(await frota(["shell", "nobody"])).toMatchObject({ code: 2, stderr: expect.stringContaining("AGENT_UNKNOWN") });
  });

  test("in a terminal it is one: bash, its size, the exit code, and the terminal as it was before", async () => {
    const { stdout, exitCode } = await inTerminal("bin/frota shell clovis; code=$?; stty -a; exit $code", "stty size; echo shell=$BASH; exit 5\n");
    expect(exitCode).toBe(5);
    expect(stdout).toMatch(/-- clovis: pod clovis-\S+, namespace bots, lab \S+/);
    expect(stdout).toMatch(/changes outside of \/root\/\.openclaw are lost/);
    expect(stdout).toMatch(/^24 80\r?$/m);
    expect(stdout).toMatch(/^shell=\S*bash\r?$/m);
    expect(stdout).toMatch(/ icanon\b/);
    expect(stdout).toMatch(/ echo\b/);
  });

  test("a shell that is ended from outside leaves the terminal as it was before", async () => {
    // By its process id, and not after a time: on a busy machine that may be over before the shell is there.
    const { stdout } = await inTerminal("sh -c 'echo process=$$; exec bin/frota shell clovis'; stty -a", "sleep 100\n", (shown) => {
      process.kill(Number(/process=(\d+)/.exec(shown)?.[1]), "SIGTERM");
    });
    expect(stdout).toMatch(/-- clovis: pod/);
    expect(stdout).toMatch(/ icanon\b/);
  });
});

describe("open", () => {
  test("leads one browser to the Control UI, shows no credential, and goes on through a restart", async () => {
    const { data } = await object<{ data: Record<string, string> }>("secret", "clovis-env");
    const token = Buffer.from(data["OPENCLAW_GATEWAY_TOKEN"] ?? "", "base64").toString("utf8");
    expect(token).not.toBe("");
    const opened = spawnFrota(["open", "clovis", "--no-browser"]);
    let said = "";
    opened.all.on("data", (chunk) => (said += String(chunk)));
    const link = await eventually("the link", 90, () => Promise.resolve(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}$/m.exec(said)?.[0]));
    const commandLines = await processCommandLines();

    const led = await fetch(link, { redirect: "manual" });
    const target = new URL(led.headers.get("location") ?? "");
    const pairing = new URLSearchParams(target.hash.slice(1)).get("bootstrapToken") ?? "";
    expect(pairing).not.toBe("");
    for (const credential of [token, pairing]) {
      expect(said).not.toContain(credential);
      expect(commandLines.filter((line) => line.includes(credential))).toEqual([]);
    }
    expect(led.headers.get("location")).not.toContain(token);
    await expect(fetch(link)).rejects.toThrow();

    const page = new URL("/", target);
    expect(await (await fetch(page)).text()).toMatch(/<html/i);
    await restarted("clovis", () => deletePod("clovis"));
    const health = await eventually("the forward after the restart", 60, async () => (await fetch(new URL("/healthz", target)).catch(() => undefined))?.json());
    expect(health).toMatchObject({ ok: true });
    await eventually("the word of it", 30, () => Promise.resolve(said.includes("-- clovis restarted:") || undefined));
    opened.kill("SIGINT");
    expect((await opened).exitCode).toBe(0);
  });
});

async function processCommandLines(): Promise<readonly string[]> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
}
