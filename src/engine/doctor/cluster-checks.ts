import type { Cluster } from "../../cluster/cluster.ts";
import type { Prerequisite } from "../../plan/prerequisite.ts";
import { SECRET_STORE } from "../../render/names.ts";
import { FrotaError } from "../../spec/error.ts";
import type { FleetSource } from "../../spec/repository.ts";
import { isPlainMap, valueAt } from "../../spec/plain-data.ts";
import { mapsAt, textAt } from "../../spec/plain-field.ts";
import { condition } from "../observe/agent-facts.ts";
import { controllerChecks, operatorCapacityCheck } from "./controller-checks.ts";
import { examine, type Finding } from "./examine.ts";
import { permissionCheck } from "./permission-check.ts";
import { roomChecks } from "./room-checks.ts";

/** The cluster to examine, for the fleet that shall run there. */
export interface ExaminedCluster {
  readonly cluster: Cluster;
  readonly source: FleetSource;
  readonly namespace: string;
  /** When it is examined. */
  readonly now: Date;
}

/** ValidatingAdmissionPolicy is stable from Kubernetes 1.30 on. */
const OLDEST_MINOR = 30;

/** Everything that the fleet needs from its cluster. When that cannot be reached, only that is told. */
export async function checkCluster(examined: ExaminedCluster): Promise<Prerequisite[]> {
  const reachable = await checkReachable(examined.cluster);
  if (reachable.status === "missing") return [reachable];
  const checks = [
    examine({ id: "cluster.storage-class", title: "Storage class" }, () => storageClass(examined)),
    examine({ id: "cluster.external-secrets", title: "External Secrets Operator" }, () => externalSecrets(examined.cluster)),
    examine({ id: "cluster.admission-policy", title: "ValidatingAdmissionPolicy API" }, () => admissionPolicy(examined.cluster)),
    examine({ id: "cluster.namespace", title: "Namespace" }, () => namespaceExists(examined)),
    examine({ id: "cluster.pull-secret", title: "Pull secret" }, () => pullSecret(examined)),
    examine({ id: "cluster.vault-authority", title: "Vault's certificate authority" }, () => vaultAuthority(examined)),
    examine({ id: "cluster.secret-store", title: "SecretStore" }, () => secretStore(examined)),
    permissionCheck(examined),
    operatorCapacityCheck(examined),
  ];
  return [reachable, ...(await Promise.all(checks)), ...(await controllerChecks(examined)), ...(await roomChecks(examined))];
}

async function checkReachable(cluster: Cluster): Promise<Prerequisite> {
  const subject = { id: "cluster.reachable", title: "API server" };
  try {
    const { gitVersion, minor } = await cluster.serverVersion();
    const detail = `Kubernetes ${gitVersion} at ${cluster.server}`;
    if (Number.parseInt(minor, 10) >= OLDEST_MINOR) return { ...subject, status: "ok", detail };
    return { ...subject, status: "warn", detail, next: `upgrade to Kubernetes 1.${OLDEST_MINOR} or later: volumes are protected from there on` };
  } catch (error) {
    if (!(error instanceof FrotaError)) throw error;
    return { ...subject, status: "missing", detail: error.message, ...(error.next !== undefined && { next: error.next }) };
  }
}

async function storageClass({ cluster, source }: ExaminedCluster): Promise<Finding> {
  const name = source.fleet.spec.storage.className;
  const found = await cluster.get({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name });
  if (!found) {
    const all = await cluster.list({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass" });
    const names = all.map(({ metadata }) => metadata.name).join(", ") || "none";
    return { status: "missing", detail: `there is no storage class ${name} (there are: ${names})`, next: "set spec.storage.className in fleet.yaml, or create the class" };
  }
  const provisioner = textAt(found, "provisioner") ?? "unknown";
  const detail = `${name}, provisioner ${provisioner}, volumes ${found["allowVolumeExpansion"] === true ? "can grow" : "cannot grow"}`;
  if (found["allowVolumeExpansion"] === true) return { status: "ok", detail };
  return { status: "warn", detail, next: "set allowVolumeExpansion: true on the class, so that an agent's storage.size can be raised" };
}

async function externalSecrets(cluster: Cluster): Promise<Finding> {
  const wanted = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" };
  if (await cluster.serves(wanted)) return { status: "ok", detail: "serves external-secrets.io/v1" };
  const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name: "externalsecrets.external-secrets.io" };
  const found = await cluster.get(definition);
  const next = "install or upgrade it: helm upgrade --install external-secrets external-secrets/external-secrets -n external-secrets --create-namespace";
  if (!found) return { status: "missing", detail: "it is not installed: the cluster does not know ExternalSecret", next };
  const served = mapsAt(found, "spec", "versions").filter((version) => version["served"] === true);
  const names = served.map((version) => String(version["name"])).join(", ");
  if (served.some((version) => version["name"] === "v1")) return { status: "missing", detail: "the cluster does not serve external-secrets.io/v1 yet, though its definition is there", next: "it is being installed, or removed: look again in a few seconds" };
  return { status: "missing", detail: `it serves only ${names}; version v1 comes with 0.17 and later`, next };
}

async function admissionPolicy(cluster: Cluster): Promise<Finding> {
  const kind = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" };
  if (await cluster.serves(kind)) return { status: "ok", detail: "served: agents' volumes are protected from deletion" };
  const next = "upgrade to Kubernetes 1.30 or later";
  return { status: "missing", detail: "not served: `apply` cannot protect agents' volumes", next };
}

async function namespaceExists({ cluster, namespace }: ExaminedCluster): Promise<Finding> {
  const found = await cluster.get({ apiVersion: "v1", kind: "Namespace", name: namespace });
  if (found) return { status: "ok", detail: namespace };
  return { status: "warn", detail: `${namespace} does not exist yet`, next: "`frota apply` creates it" };
}

async function pullSecret({ cluster, namespace, source }: ExaminedCluster): Promise<Finding> {
  const { pullSecrets, repository } = source.fleet.spec.image;
  const host = repository.split("/")[0] ?? repository;
  if (pullSecrets.length === 0) return { status: "ok", detail: "none is named: the image is pulled anonymously" };
  // Not `create secret docker-registry`: that wants the password among its arguments.
  const file = "--type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=$HOME/.docker/config.json";
  const make = `docker login ${host}; kubectl create secret generic ${pullSecrets[0]} -n ${namespace} ${file}`;
  const secrets = await Promise.all(pullSecrets.map((name) => cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name })));
  const absent = pullSecrets.filter((_name, index) => !secrets[index]);
  if (absent.length > 0) return { status: "missing", detail: `there is no Secret ${absent.join(", ")} in ${namespace}`, next: make };
  const wrong = pullSecrets.filter((_name, index) => secrets[index]?.["type"] !== "kubernetes.io/dockerconfigjson");
  if (wrong.length > 0) return { status: "missing", detail: `${wrong.join(", ")} is not of type kubernetes.io/dockerconfigjson`, next: make };
  if (secrets.some((secret) => hostsOf(textAt(secret, "data", ".dockerconfigjson")).includes(host))) {
    return { status: "ok", detail: `${pullSecrets.join(", ")} has credentials for ${host}` };
  }
  return { status: "missing", detail: `${pullSecrets.join(", ")} has no credentials for ${host}`, next: make };
}

/** Hosts that a pull secret has credentials for. */
function hostsOf(encoded: string | undefined): readonly string[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(encoded ?? "", "base64").toString("utf8"));
    const auths = valueAt(content, ["auths"]);
    return isPlainMap(auths) ? Object.keys(auths).map((key) => key.replace(/^https?:\/\//, "").replace(/\/.*$/, "")) : [];
  } catch {
    return [];
  }
}

async function vaultAuthority({ cluster, namespace, source }: ExaminedCluster): Promise<Finding> {
  const authority = source.fleet.spec.vault.certificateAuthority;
  if (!authority) return { status: "ok", detail: "none is named: Vault's certificate is a public one" };
  const { configMap: name, key } = authority;
  const found = await cluster.get({ apiVersion: "v1", kind: "ConfigMap", namespace, name });
  const next = `kubectl create configmap ${name} -n ${namespace} --from-file=${key}=PATH`;
  if (textAt(found, "data", key)?.includes("BEGIN CERTIFICATE")) return { status: "ok", detail: `ConfigMap ${name}, key ${key}` };
  return { status: "missing", detail: found ? `ConfigMap ${name} has no certificate at key ${key}` : `there is no ConfigMap ${name} in ${namespace}`, next };
}

async function secretStore({ cluster, namespace, source }: ExaminedCluster): Promise<Finding> {
  const reference = { apiVersion: "external-secrets.io/v1", kind: "SecretStore", namespace, name: SECRET_STORE.name };
  const found = await cluster.get(reference);
  if (!found) return { status: "warn", detail: "there is none yet", next: "`frota apply` creates it" };
  const ready = condition(found, "Ready");
  const said = textAt(ready, "message") ?? "no message";
  if (ready?.["status"] === "True") return { status: "ok", detail: `the cluster logs in to ${source.fleet.spec.vault.address}` };
  if (!ready) return { status: "unknown", detail: "the External Secrets Operator has not looked at it yet", next: "check that the operator runs" };
  const { mount, role } = source.fleet.spec.vault.auth;
  const next = `compare with vault read auth/${mount}/role/${role}: bound to service account ${SECRET_STORE.serviceAccount} in ${namespace}, audience ${SECRET_STORE.audience}`;
  return { status: "missing", detail: `the cluster cannot log in to Vault: ${said}`, next };
}
