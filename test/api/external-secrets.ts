import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "../../src/cluster/cluster.ts";
import { acquire } from "../../src/lab/components/acquire.ts";
import { parseAllDocuments } from "yaml";
import { readFile } from "node:fs/promises";
import type { Manifest } from "../../src/render/manifest.ts";
import { ACQUIRE_CONTEXT } from "./binaries.ts";
import { freePort, untilAnswering } from "./vault-server.ts";

/** The real External Secrets Operator, for one namespace. */
export interface ExternalSecretsOperator {
  stop(): Promise<void>;
}

/** Controllers that Frota does not need, and whose kinds a bare API server may lack. */
const SWITCHED_OFF = [
  "--enable-cluster-store-reconciler=false",
  "--enable-cluster-external-secret-reconciler=false",
  "--enable-cluster-push-secret-reconciler=false",
  "--enable-push-secret-reconciler=false",
  "--enable-generator-state=false",
];

/** Starts the operator against a cluster, for one namespace, and waits until it lives. */
export async function startExternalSecrets(kubeconfig: string, namespace: string): Promise<ExternalSecretsOperator> {
  const { files } = await acquire("external-secrets", ACQUIRE_CONTEXT);
  await installDefinitions(kubeconfig, files["crds.yaml"] ?? "");
  const [live, metrics] = [await freePort(), await freePort()];
  const addresses = [`--live-addr=127.0.0.1:${live}`, `--metrics-addr=127.0.0.1:${metrics}`];
  const operator = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "--", files["external-secrets"] ?? "", `--namespace=${namespace}`, ...addresses, ...SWITCHED_OFF],
    { stdio: "ignore", env: { ...process.env, KUBECONFIG: kubeconfig } },
  );
  await untilAnswering(`http://127.0.0.1:${live}/healthz`, operator);
  return {
    async stop() {
      operator.kill("SIGKILL");
      if (operator.exitCode === null && operator.signalCode === null) await once(operator, "exit");
    },
  };
}

async function installDefinitions(kubeconfig: string, file: string): Promise<void> {
  const cluster = await connect({ path: kubeconfig });
  const documents = parseAllDocuments(await readFile(file, "utf8"));
  const definitions = documents.map((document): Manifest => document.toJS());
  await Promise.all(definitions.map((definition) => cluster.apply(definition, { force: true })));
  cluster.close();
}
