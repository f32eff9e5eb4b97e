import { describe, expect, test } from "vitest";
import { diagnose } from "./diagnose.ts";
import type { AgentObservation, ClaimObservation, DeploymentObservation, EventObservation, GatewayObservation, NodeObservation, PodObservation } from "./observation.ts";
import type { ChainLink } from "../secret-links.ts";

const NOW = new Date("2026-11-23T10:00:00Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const found = <Value>(value: Value) => ({ state: "found", value }) as const;
const unknown = (reason = "not looked at") => ({ state: "unknown", reason }) as const;
const ABSENT = { state: "absent" } as const;

const DEPLOYMENT: DeploymentObservation = {
  replicas: 1,
  image: "registry.example.com/fleet/openclaw-agent:latest",
  pullSecrets: ["registry-login"],
  memoryLimit: "2560Mi",
  startupBudget: 540,
  nodeSelector: "pool=bots",
};
const POD: PodObservation = { name: "clovis-1", node: "bots-2", createdAt: minutesAgo(60), phase: "Running", isReady: true, isRunning: true, restarts: 0, startedAt: minutesAgo(60) };
const CLAIM: ClaimObservation = { name: "clovis-state", phase: "Bound", storageClass: "do-block-storage", size: "10Gi", volume: "pvc-1", classes: unknown() };
const NODE: NodeObservation = { name: "bots-2", isReady: true, isCordoned: false, pressures: [] };
const RPC = { modelProblems: [], problems: [], channels: [] };
const GATEWAY: GatewayObservation = { startup: "started", failing: [], rpc: found(RPC) };

const links = (...broken: ChainLink[]) => found({ agent: "clovis", state: broken.length > 0 ? ("broken" as const) : ("ok" as const), links: broken, missingKeys: ["GITHUB_TOKEN"], stalePods: [] });
const link = (name: ChainLink["link"], code: string, message: string): ChainLink => ({ link: name, state: "broken", code, message, next: "mend it" });

function world(seen: Partial<AgentObservation> = {}): AgentObservation {
  return {
    agent: "clovis",
    namespace: "bots",
    deployment: found(DEPLOYMENT),
    pod: found(POD),
    leaving: [],
    claim: found(CLAIM),
    node: found(NODE),
    pool: found([NODE]),
    attachments: unknown(),
    events: found([]),
    log: found([]),
    lastWords: ABSENT,
    volumeUse: found({ size: 10_000_000_000, free: 9_000_000_000 }),
    gateway: found(GATEWAY),
    secrets: links(),
    hold: ABSENT,
    ...seen,
  };
}

/** A pod that does not serve. */
const pod = (seen: Partial<PodObservation>) => {
  const { startedAt: _started, ...stopped } = POD;
  return { pod: found<PodObservation>({ ...stopped, phase: "Pending", isReady: false, isRunning: false, ...seen }), gateway: unknown(), volumeUse: unknown() };
};
const waiting = (reason: string, message = "") => pod({ waiting: { reason, message } });
const ended = (exitCode: number, message: string, reason = "Error") => pod({ restarts: 3, waiting: { reason: "CrashLoopBackOff", message: "back-off" }, ended: { reason, exitCode, message, at: minutesAgo(1) } });
const warning = (object: string, reason: string, message: string): EventObservation => ({ object, isWarning: true, reason, message, at: minutesAgo(2) });
const events = (...list: EventObservation[]) => ({ events: found(list) });
const unscheduled = (said: string) => {
  const { node: _node, ...rest } = POD;
  return { pod: found<PodObservation>({ ...rest, phase: "Pending", isReady: false, isRunning: false, unschedulable: said }), node: unknown(), gateway: unknown(), volumeUse: unknown() };
};
const claim = (seen: Partial<ClaimObservation>) => ({ claim: found<ClaimObservation>({ ...CLAIM, phase: "Pending", ...seen }) });
const gateway = (seen: Partial<GatewayObservation>) => ({ gateway: found<GatewayObservation>({ ...GATEWAY, ...seen }) });
const rpc = (seen: Partial<{ modelProblems: string[]; problems: string[]; channels: { id: string; isConnected: boolean; lastError?: string; startedAt?: Date }[] }>) => gateway({ rpc: found({ ...RPC, ...seen }) });

/** `OpenClaw 2026.9.2` and the start guard really said so. */
const INVALID = 'Gateway failed to start: Invalid config at /root/.openclaw/openclaw.json:\nopenclaw.json:1 — gateway: Unrecognized key: "prot"\nRun "openclaw doctor --fix" to repair, then retry.';
const GUARD = "frota refused to start OpenClaw: OpenClaw 2026.9.2 is older than 2026.9.6, which last ran on this state and may have migrated it one way [OPENCLAW_OLDER_THAN_STATE]\nnext: run an image with OpenClaw 2026.9.6 or newer\n";
const NEWER = "OpenClaw state database /root/.openclaw/state/openclaw.sqlite uses newer schema version 18; this build supports 15.";
const NODE_REQUIRED = "openclaw: Node.js >=24.16.0 <25, or >=26.1.0 is required (current: v22.23.3).";
const KEY_REFUSED = "2026-11-23T09:30:25.360+00:00 [model-fallback/decision] model fallback decision: decision=candidate_failed requested=google/gemini-3.1-pro-preview candidate=google/gemini-3.1-pro-preview reason=auth next=none detail=API key not valid.";
const BOT = 'Telegram bot token unauthorized for account "default" (getMe returned 401 from Telegram; source: config token).';

const MULTI_ATTACH = 'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another';
const POOL_BUSY = "0/2 nodes are available: 1 Insufficient memory, 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available";

describe("one agent in trouble", () => {
  test.each<[title: string, seen: Partial<AgentObservation>, code: string, headline: RegExp]>([
    ["no Deployment", { deployment: ABSENT, pod: ABSENT, gateway: unknown() }, "DEPLOYMENT_MISSING", /is down: there is no Deployment clovis/],
    ["scaled to zero by a person", { deployment: found({ ...DEPLOYMENT, replicas: 0 }), pod: ABSENT }, "SCALED_TO_ZERO", /is down: somebody scaled/],
    ["a quota that refuses the pod", { deployment: found({ ...DEPLOYMENT, podRefused: 'pods "clovis" is forbidden: exceeded quota: small' }), pod: ABSENT }, "POD_REFUSED", /a quota or a policy/],
    ["a pod that does not end on a dead node", { pod: ABSENT, node: ABSENT, leaving: [{ name: "clovis-0", node: "bots-1", goneBy: minutesAgo(10) }] }, "POD_STUCK_TERMINATING", /previous pod on bots-1 does not end/],
    ["an eviction", pod({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." }), "POD_EVICTED", /its node evicted it/],
    ["a node that is gone", { ...pod({}), node: ABSENT }, "NODE_GONE", /its node bots-2 is gone/],
    ["a node that does not report", { ...pod({}), node: found({ ...NODE, isReady: false, message: "Kubelet stopped posting node status." }) }, "NODE_NOT_READY", /its node bots-2 is not ready/],

    ["no such pool", { ...unscheduled("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."), pool: found([]) }, "NODE_POOL_MISSING", /none has the label pool=bots/],
    ["a full pool", unscheduled(POOL_BUSY), "NODE_POOL_FULL", /has room for it: insufficient memory$/],
    ["a tainted pool", unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}."), "NODE_POOL_TAINTED", /does not tolerate: gpu: only/],
    ["a cordoned pool", { ...unscheduled("0/1 nodes are available: 1 node(s) were unschedulable."), pool: found([{ ...NODE, isCordoned: true }]) }, "NODE_POOL_CORDONED", /cordoned/],
    ["a pool of dead nodes", { ...unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }."), pool: found([{ ...NODE, isReady: false }]) }, "NODE_POOL_NOT_READY", /no node of its pool is ready/],
    ["a volume in another zone", unscheduled("0/1 nodes are available: 1 node(s) had volume node affinity conflict."), "VOLUME_IN_OTHER_ZONE", /pvc-1 is in a zone/],
    ["a scheduler with another reason", unscheduled("0/1 nodes are available: 1 node(s) didn't have free ports."), "UNSCHEDULABLE", /no node takes its pod/],

    ["no claim", { claim: ABSENT, ...unscheduled('persistentvolumeclaim "clovis-state" not found') }, "CLAIM_MISSING", /its volume claim does not exist/],
    ["a claim whose volume is gone", { ...claim({ phase: "Lost" }), ...pod({}) }, "CLAIM_LOST", /is gone/],
    ["no such storage class", { ...claim({ classes: found(["standard"]) }), ...unscheduled("pod has unbound immediate PersistentVolumeClaims") }, "STORAGE_CLASS_MISSING", /no storage class do-block-storage/],
    ["a provider that makes no volume", { ...claim({}), ...pod({}), ...events(warning("PersistentVolumeClaim/clovis-state", "ProvisioningFailed", "volume limit reached")) }, "VOLUME_NOT_PROVISIONED", /does not make its volume/],
    ["a provisioner that is not there", { ...claim({}), ...pod({}) }, "VOLUME_PENDING", /nobody says why/],
    ["a volume that is attached elsewhere", { ...waiting("ContainerCreating"), attachments: found([{ volume: "pvc-1", node: "bots-1" }]), ...events(warning("Pod/clovis-1", "FailedAttachVolume", MULTI_ATTACH), warning("Pod/clovis-1", "FailedMount", "timed out waiting for the condition")) }, "VOLUME_ATTACHED_ELSEWHERE", /cannot be attached to bots-2: it is still attached to bots-1/],
    ["a driver that attaches nothing", { ...waiting("ContainerCreating"), ...events(warning("Pod/clovis-1", "FailedAttachVolume", "rpc error: no such droplet")) }, "VOLUME_NOT_ATTACHED", /cannot be attached to bots-2/],
    ["a volume that cannot be mounted", { ...waiting("ContainerCreating"), ...events(warning("Pod/clovis-1", "FailedMount", "mount failed: exit status 32")) }, "VOLUME_NOT_MOUNTED", /cannot be mounted on bots-2/],
    ["a ConfigMap that is not there", { ...waiting("ContainerCreating"), ...events(warning("Pod/clovis-1", "FailedMount", 'MountVolume.SetUp failed for volume "config" : configmap "clovis-config" not found')) }, "MOUNT_SOURCE_MISSING", /no ConfigMap clovis-config/],

    ["a tag that the registry has not", { ...waiting("ImagePullBackOff", 'Back-off pulling image "x"'), ...events(warning("Pod/clovis-1", "Failed", 'Failed to pull image "x": rpc error: code = NotFound desc = failed to pull: not found')) }, "IMAGE_UNKNOWN", /the registry has no registry\.example\.com/],
    ["credentials that the registry refuses", { ...waiting("ErrImagePull", "failed to authorize: 401 Unauthorized") }, "IMAGE_PULL_DENIED", /registry\.example\.com refuses the cluster's credentials/],
    ["a registry out of reach", waiting("ErrImagePull", "dial tcp: lookup registry.example.com: no such host"), "IMAGE_REGISTRY_AWAY", /does not reach the registry/],
    ["an image's name that is none", waiting("InvalidImageName", "couldn't parse image name"), "IMAGE_NAME_INVALID", /name is not one/],
    ["an image for other processors", waiting("ErrImagePull", "no match for platform in manifest"), "IMAGE_PLATFORM", /not made for the processors/],
    ["a node without space for images", waiting("ErrImagePull", "failed to extract layer: no space left on device"), "NODE_DISK_FULL", /the disk of bots-2 is full/],
    ["another pull failure", waiting("ImagePullBackOff", "something else"), "IMAGE_PULL_FAILED", /cannot be pulled/],

    ["too little memory", ended(137, "", "OOMKilled"), "OUT_OF_MEMORY", /more memory than its limit of 2560Mi/],
    ["an OpenClaw older than the state", ended(78, GUARD), "OPENCLAW_OLDER_THAN_STATE", /start guard does not let it start: OpenClaw 2026\.9\.2 is older than 2026\.9\.6/],
    ["a state that a newer OpenClaw migrated", ended(78, NEWER), "STATE_NEWER_THAN_OPENCLAW", /reads only up to 15/],
    ["an invalid configuration", ended(78, INVALID), "CONFIGURATION_INVALID", /OpenClaw rejects its configuration/],
    ["a configuration that is none", ended(78, "Gateway start blocked: existing config is missing gateway.mode. Treat this as suspicious"), "CONFIGURATION_CLOBBERED", /openclaw\.json cannot be read/],
    ["no gateway token", ended(78, "Refusing to bind gateway to lan without auth."), "GATEWAY_TOKEN_UNSET", /has no token/],
    ["a Node that OpenClaw refuses", ended(1, NODE_REQUIRED), "NODE_VERSION_UNSUPPORTED", /does not run on the image's Node v22\.23\.3/],
    ["a lease of a dead gateway", ended(1, 'Another gateway (pid 7) already owns this state directory; refusing to run'), "STATE_LEASE_HELD", /lease on its state/],
    ["a full volume, by the gateway's last words", ended(1, "SqliteError: database or disk is full"), "VOLUME_FULL", /its volume of 10Gi is full/],
    ["an image without tini", ended(128, 'exec: "tini": executable file not found in $PATH', "StartError"), "IMAGE_INCOMPLETE", /lacks what an agent starts with/],
    ["a crash that nobody knows", { ...ended(1, ""), lastWords: found(["TypeError: undefined is not a function"]) }, "GATEWAY_CRASHES", /nothing known is among its last words/],
    ["a container that cannot be made", waiting("RunContainerError", "failed to create task"), "CONTAINER_CANNOT_RUN", /cannot be started from its image/],
    ["a start that never ends", { ...pod({ isRunning: true, restarts: 1, startedAt: minutesAgo(1) }), ...events(warning("Pod/clovis-1", "Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 503"), { object: "Pod/clovis-1", isWarning: false, reason: "Killing", message: "Container openclaw failed startup probe, will be restarted" }) }, "STARTUP_PROBE_FAILED", /does not start within 540 s/],
    ["a gateway that hangs", { ...pod({ isRunning: true, restarts: 1, startedAt: minutesAgo(1) }), ...events({ object: "Pod/clovis-1", isWarning: false, reason: "Killing", message: "Container openclaw failed liveness probe, will be restarted" }) }, "LIVENESS_PROBE_FAILED", /stops answering/],
    ["a gateway that is not ready by its own word", { ...pod({ isRunning: true, startedAt: minutesAgo(20) }), ...gateway({ failing: ["channels"] }) }, "GATEWAY_UNREADY", /not ready: channels/],

    ["a Vault that is sealed", { ...waiting("CreateContainerConfigError", 'secret "clovis-env" not found'), secrets: links(link("sync", "SYNC_FAILED", "the sync fails: Code: 503. Errors: * Vault is sealed"), link("secret", "SECRET_MISSING", "the cluster has no Secret")) }, "SYNC_VAULT_SEALED", /Vault is sealed/],
    ["a path that Vault has not", { ...waiting("CreateContainerConfigError"), secrets: links(link("sync", "SYNC_FAILED", "the sync fails: Secret does not exist"), link("secret", "SECRET_MISSING", "the cluster has no Secret")) }, "SYNC_PATH_MISSING", /nothing at the agent's path/],
    ["a key that Vault has not", { ...ended(78, "frota refused to start OpenClaw: required secrets are missing or empty: GITHUB_TOKEN [SECRET_MISSING]\nnext: frota secrets set"), secrets: links(link("vault", "VAULT_KEYS_MISSING", "version 3 lacks GITHUB_TOKEN"), link("secret", "SECRET_KEYS_MISSING", "the Secret lacks GITHUB_TOKEN")) }, "VAULT_KEYS_MISSING", /is down: its secrets do not arrive: version 3 lacks GITHUB_TOKEN/],
    ["a Secret that nobody made", { ...waiting("CreateContainerConfigError", 'secret "clovis-env" not found'), secrets: unknown() }, "CONTAINER_CONFIG", /secret "clovis-env" not found/],
  ])("%s", (_title, seen, code, headline) => {
    const diagnosis = diagnose(world(seen), NOW);
    expect(diagnosis).toMatchObject({ state: "down", headline: expect.stringMatching(headline) });
    expect(diagnosis.findings.map((finding) => finding.code)).toEqual([code]);
    expect(diagnosis.findings[0]?.next.length).toBeGreaterThan(0);
  });
});

describe("an agent that serves, and not all works", () => {
  test.each<[title: string, seen: Partial<AgentObservation>, code: string, headline: RegExp]>([
    ["permission denied in Vault", { secrets: links(link("sync", "SYNC_FAILED", "the sync fails: Code: 403. Errors: * permission denied")) }, "SYNC_VAULT_DENIED", /Vault does not let/],
    ["a Vault out of reach", { secrets: links(link("sync", "SECRET_STORE_NOT_READY", "dial tcp 10.0.0.1:8200: connect: connection refused")) }, "SYNC_VAULT_UNREACHABLE", /does not reach Vault/],
    ["a Vault that is not trusted", { secrets: links(link("sync", "SECRET_STORE_NOT_READY", "tls: failed to verify certificate: x509: certificate signed by unknown authority")) }, "SYNC_VAULT_CERTIFICATE", /does not trust/],
    ["a sync that stopped", { secrets: links(link("sync", "SYNC_LATE", "has not synced since noon")) }, "SYNC_LATE", /has not synced since noon/],
    ["older values", { secrets: links(link("process", "PROCESS_STALE", "clovis-1 started before")) }, "PROCESS_STALE", /older values/],
    ["another token", gateway({ rpc: unknown("401"), refusal: "GATEWAY_UNAUTHORIZED" }), "GATEWAY_TOKEN_MISMATCH", /another token/],
    ["no credential for its model", rpc({ modelProblems: ["the agent's model google/x is not available: provider google has no credential"] }), "MODEL_CREDENTIAL", /provider google has no credential/],
    ["a key that the provider refuses", { log: found([KEY_REFUSED]) }, "MODEL_KEY_REFUSED", /refuses its key \(google\/gemini-3\.1-pro-preview\)/],
    ["a bot token that the channel refuses", rpc({ channels: [{ id: "telegram", isConnected: false, lastError: BOT }] }), "CHANNEL_REFUSED", /channel telegram does not let it in/],
    ["a channel that does not get through", rpc({ channels: [{ id: "telegram", isConnected: false, startedAt: minutesAgo(5) }] }), "CHANNEL_NOT_CONNECTED", /channel telegram is not connected/],
    ["a plug-in that failed", rpc({ problems: ["plugin imap failed to load"] }), "GATEWAY_UNWELL", /plugin imap failed to load/],
    ["a volume that is nearly full", { volumeUse: found({ size: 10_000_000_000, free: 900_000_000 }) }, "VOLUME_NEARLY_FULL", /nearly full: 858 MiB of 9536 MiB/],
    ["a full volume, though it says ready", { volumeUse: found({ size: 10_000_000_000, free: 4096 }) }, "VOLUME_FULL", /is full: 0 MiB/],
  ])("%s", (_title, seen, code, headline) => {
    const diagnosis = diagnose(world(seen), NOW);
    expect(diagnosis).toMatchObject({ state: "impaired", headline: expect.stringMatching(headline) });
    expect(diagnosis.findings.map((finding) => finding.code)).toEqual([code]);
    expect(diagnosis.findings[0]?.next.length).toBeGreaterThan(0);
  });
});

describe("no failure", () => {
  test.each<[title: string, seen: Partial<AgentObservation>, stateAndCodes: string[], headline: RegExp]>([
    ["an agent that is well", {}, ["healthy"], /^clovis is well: it serves, and nothing speaks against it$/],
    ["a suspended one that serves", { hold: found({ suspended: "suspended by ana (audit)" }) }, ["healthy", "AGENT_SUSPENDED"], /it is suspended by ana \(audit\)/],
    ["a suspended one that is stopped", { hold: found({ suspended: "suspended by ana (audit)" }), deployment: found({ ...DEPLOYMENT, replicas: 0 }), pod: ABSENT }, ["stopped", "AGENT_SUSPENDED", "SCALED_TO_ZERO"], /is stopped on purpose/],
    ["a frozen fleet", { hold: found({ frozen: "frozen until noon" }) }, ["healthy", "FLEET_FROZEN"], /the fleet is frozen/],
    ["a pod that drains", { pod: ABSENT, leaving: [{ name: "clovis-0", node: "bots-1", goneBy: new Date(NOW.getTime() + 60_000) }] }, ["starting", "POD_DRAINING"], /finishes its running turns/],
    ["a start under way", pod({ isRunning: true, startedAt: minutesAgo(1) }), ["starting", "GATEWAY_STARTING"], /for 60 s now, and up to 540 s/],
    ["a wait for the volume's lock", { ...pod({ isRunning: true, startedAt: minutesAgo(3) }), log: found(["frota: another gateway still runs on this volume; waiting until it has exited"]) }, ["starting", "VOLUME_LOCK_WAIT"], /waits for its volume/],
    ["a gateway that drains", gateway({ startup: "draining", rpc: unknown("draining") }), ["healthy", "GATEWAY_DRAINING"], /drains/],
    ["an admin RPC that is off", gateway({ rpc: unknown("off"), refusal: "GATEWAY_RPC_DISABLED" }), ["healthy", "GATEWAY_RPC_OFF"], /admin RPC/],
    ["a channel that has just begun", rpc({ channels: [{ id: "telegram", isConnected: false, startedAt: minutesAgo(1) }] }), ["healthy"], /is well/],
    ["a key that was refused, and then accepted", { log: found([KEY_REFUSED, "[provider-transport-fetch] [model-fetch] response provider=google status=200 elapsedMs=57"]) }, ["healthy"], /is well/],
    ["a pull that worked in the end", events(warning("Pod/clovis-1", "Failed", "not found"), warning("Pod/clovis-1", "FailedMount", "timed out")), ["healthy"], /is well/],
  ])("%s", (_title, seen, stateAndCodes, headline) => {
    const { state, findings, headline: said } = diagnose(world(seen), NOW);
    expect([state, ...findings.map(({ code }) => code)]).toEqual(stateAndCodes);
    expect(said).toMatch(headline);
  });
});

test("what keeps it down comes before what only impairs it, and consequences are left out", () => {
  const denied = links(link("sync", "SYNC_FAILED", "permission denied"));
  const { findings, state } = diagnose(world({ ...ended(137, "", "OOMKilled"), secrets: denied, hold: found({ frozen: "frozen until noon", stalled: "it is not healthy" }) }), NOW);
  expect(state).toBe("down");
  expect(findings.map(({ code, effect }) => `${code} ${effect}`)).toEqual(["OUT_OF_MEMORY down", "SYNC_VAULT_DENIED impaired", "FLEET_FROZEN notice"]);
});

test("what could not be looked at is told, each with the reason, and nothing is concluded from it", () => {
  const none = unknown("you may not");
  const blind = world({ pool: none, node: none, claim: none, events: none, log: none, lastWords: none, volumeUse: none, gateway: none, secrets: none, hold: none });
  const diagnosis = diagnose(blind, NOW);
  expect(diagnosis).toMatchObject({ state: "healthy", findings: [] });
  const unknowns = diagnosis.checks.filter(({ state }) => state === "unknown");
  expect(unknowns.map(({ subject }) => subject)).toEqual(["Node", "Volume", "Space", "Secrets", "Gateway", "Events", "Log", "Last words", "Controller"]);
  expect(diagnosis).not.toHaveProperty("next");
  const withNext = { ...none, next: "ask for the right" };
  const nothing = { state: "unknown", headline: "clovis cannot be looked at: you may not" };
  expect(diagnose(world({ deployment: withNext, pod: none }), NOW)).toMatchObject({ ...nothing, next: "ask for the right" });
  expect(diagnose(world({ deployment: none, pod: none }), NOW)).toMatchObject({ ...nothing, next: expect.stringContaining("reachable from here") });
});

test.each([
  [{}, "raise spec.storage.size in clovis/agent.yaml; then: frota apply clovis"],
  [{ requested: "25Gi" }, "it was raised to 25Gi, and has not grown to that yet; why: kubectl describe pvc clovis-state"],
])("a full volume whose claim was raised already (%j) is not to be raised again", (raised, told) => {
  const seen = { ...claim({ phase: "Bound", ...raised }), volumeUse: found({ size: 10_000_000_000, free: 4096 }) };
  expect(diagnose(world(seen), NOW).findings[0]?.next[0]).toBe(told);
});
