import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, type Cluster } from "../../src/cluster/cluster.ts";
import { objectNames } from "../../src/cluster/object-names.ts";
import { runCli } from "./cli-run.ts";

const NAMESPACE = "completion-test";
const AGENTS = "app.kubernetes.io/name=openclaw";
/** A completion that takes too long for somebody who types gives nothing: on a busy machine it is asked again. */
const WAIT = { timeout: 30_000 };
let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  cluster = await connect({ path: inject("kubeconfig") });
  folder = await mkdtemp(join(tmpdir(), "frota-completion-"));
  await cp(join(import.meta.dirname, "../../agents"), folder, { recursive: true });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const of = { "app.kubernetes.io/managed-by": "frota", "app.kubernetes.io/name": "openclaw" };
  await deploy("dandara", of);
  await deploy("zumbi", of);
  await deploy("someone-elses", { "app.kubernetes.io/name": "nginx" });
});

afterAll(async () => {
  cluster.close();
  await rm(folder, { recursive: true });
});

async function deploy(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const template = { metadata: { labels: { name } }, spec: { containers: [{ name: "main", image: "example.com/nothing" }] } };
  await cluster.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: NAMESPACE, labels }, spec: { replicas: 0, selector: { matchLabels: { name } }, template } });
}

async function proposals(...words: readonly string[]): Promise<string[]> {
  const { stdout } = await runCli(["__complete", ...words], { cwd: folder, env: { KUBECONFIG: inject("kubeconfig"), FROTA_CONTEXT: "test" } });
  return stdout.trimEnd().split("\n");
}

test("names of a kind's objects come by one request for a table", async () => {
  const listed = { kind: { apiVersion: "apps/v1", kind: "Deployment" }, selection: { namespace: NAMESPACE, labelSelector: AGENTS } };
  expect(await objectNames({ path: inject("kubeconfig") }, listed, AbortSignal.timeout(30_000))).toEqual(["dandara", "zumbi"]);
});

test("the names of live agents complete a word, though no repository declares them", async () => {
  await expect.poll(() => proposals("logs", "-n", NAMESPACE, "dan"), WAIT).toEqual(["dandara", ":4"]);
  await expect.poll(() => proposals("restart", `--namespace=${NAMESPACE}`, "dandara", ""), WAIT).toEqual(["zumbi", ":4"]);
});

test("a namespace of the cluster completes a word", async () => {
  await expect.poll(() => proposals("status", "-n", "completion-"), WAIT).toEqual([NAMESPACE, ":4"]);
});
