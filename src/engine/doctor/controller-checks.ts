import type { AccessRequest, Cluster } from "../../cluster/cluster.ts";
import { operatorLimits, operatorNeeds, operatorShortfalls, OPERATOR_DEFAULTS } from "../../plan/external-secrets-capacity.ts";
import type { Prerequisite } from "../../plan/prerequisite.ts";
import { renderControllerRights } from "../../render/controller-rights.ts";
import { CONTROLLER_NAMESPACE, controllerName } from "../../render/names.ts";
import type { Manifest } from "../../render/manifest.ts";
import { valueAt } from "../../spec/plain-data.ts";
import { mapsAt, textsAt } from "../../spec/plain-field.ts";
import { concurrently } from "../concurrently.ts";
import { controllerLiveness } from "../observe/controller-liveness.ts";
import { definitionStates } from "../controller-installation/definitions.ts";
import type { ExaminedCluster } from "./cluster-checks.ts";
import { examine, type Finding } from "./examine.ts";
import { summarize } from "./permission-check.ts";

/** The controller of the fleet, where one is meant to be: whether it is live, and may do what it has to. */
export async function controllerChecks(examined: ExaminedCluster): Promise<Prerequisite[]> {
  const { cluster, namespace, now } = examined;
  const liveness = await examine({ id: "cluster.controller", title: "Controller" }, () => livenessFinding(examined));
  const isInstalled = await controllerLiveness(cluster, namespace, now).then(({ installed }) => installed, () => false);
  if (!isInstalled) return [liveness];
  return [liveness, await examine({ id: "cluster.controller-rights", title: "Rights of the controller" }, () => rightsFinding(cluster, namespace))];
}

async function livenessFinding({ cluster, namespace, now }: ExaminedCluster): Promise<Finding> {
  const definitions = await definitionStates(cluster);
  const absent = definitions.filter(({ state }) => state === "absent");
  if (absent.length === definitions.length) return { status: "ok", detail: "none: the cluster has no definitions of frota.dev, and the fleet is run in the plain way" };
  const { isLive, holder, renewedSecondsAgo } = await controllerLiveness(cluster, namespace, now);
  const next = "frota controller install; or, to go on in the plain way, frota controller uninstall --crds frota.dev";
  if (!isLive) {
    const last = holder === undefined ? "nobody holds its Lease" : `${holder} last renewed its Lease ${renewedSecondsAgo} s ago`;
    return { status: "missing", detail: `the cluster has the definitions of frota.dev, but no live controller: ${last}`, next };
  }
  const others = definitions.filter(({ state }) => state === "different" || state === "absent").map(({ name }) => name);
  // The clocks of two machines differ, and the Lease may be renewed while this runs.
  const detail = `${holder} holds the Lease, renewed ${Math.max(0, renewedSecondsAgo ?? 0)} s ago`;
  if (others.length === 0) return { status: "ok", detail };
  return { status: "warn", detail: `${detail}; definitions of another version: ${others.join(", ")}`, next: "frota controller install" };
}

/** Asks, by SubjectAccessReview, whether the controller's ServiceAccount may do what its roles shall let it. */
async function rightsFinding(cluster: Cluster, namespace: string): Promise<Finding> {
  const requests = renderControllerRights(namespace).flatMap(requestsOf);
  const user = `system:serviceaccount:${CONTROLLER_NAMESPACE}:${controllerName(namespace)}`;
  const answers = await concurrently(requests, 12, async (resourceAttributes) => {
    const review = await cluster.create({ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user, resourceAttributes } });
    return valueAt(review, ["status", "allowed"]) === true;
  });
  const refused = requests.filter((_request, index) => !answers[index]);
  if (refused.length === 0) return { status: "ok", detail: `all ${requests.length} that it needs` };
  return { status: "missing", detail: `it may not: ${summarize(refused)}`, next: "frota controller install" };
}

/** What a role lets do, one request for each verb, resource and name. */
function requestsOf(role: Manifest): AccessRequest[] {
  const { namespace } = role.metadata;
  return mapsAt(role, "rules").flatMap((rule) => {
    const names = textsAt(rule, "resourceNames");
    return textsAt(rule, "resources").flatMap((path) =>
      textsAt(rule, "verbs").flatMap((verb) => (names.length === 0 ? [undefined] : names).map((name) => accessRequest({ group: textsAt(rule, "apiGroups")[0] ?? "", path, verb, namespace, name }))),
    );
  });
}

interface Right {
  readonly group: string;
  readonly path: string;
  readonly verb: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

function accessRequest({ group, path, verb, namespace, name }: Right): AccessRequest {
  const [resource = path, subresource] = path.split("/");
  return { group, resource, verb, ...(subresource && { subresource }), ...(namespace && { namespace }), ...(name && { name }) };
}

/** Whether the External Secrets Operator keeps up with the fleet, by the arguments of its Deployment where they can be seen. */
export function operatorCapacityCheck({ cluster, source }: ExaminedCluster): Promise<Prerequisite> {
  const agents = source.agents.length;
  return examine({ id: "cluster.external-secrets-limits", title: "Limits of External Secrets" }, async () => {
    const needs = operatorNeeds(agents);
    if (operatorShortfalls(OPERATOR_DEFAULTS, needs).length === 0) return { status: "ok", detail: `its own suffice for ${agents} agents` };
    const labelSelector = "app.kubernetes.io/name=external-secrets";
    const [deployment] = await cluster.list({ apiVersion: "apps/v1", kind: "Deployment" }, { labelSelector });
    const next = `give the operator ${operatorShortfalls(OPERATOR_DEFAULTS, needs).join(" ")} (Helm: concurrent, extraArgs)`;
    if (!deployment) return { status: "unknown", detail: `no Deployment with ${labelSelector} tells what ${agents} agents can rely on`, next };
    const [container] = mapsAt(deployment, "spec", "template", "spec", "containers");
    const short = operatorShortfalls(operatorLimits(textsAt(container, "args")), needs);
    if (short.length === 0) return { status: "ok", detail: `enough for ${agents} agents` };
    return { status: "warn", detail: `too low for ${agents} agents: secrets would be refreshed late`, next: `give ${deployment.metadata.namespace}/${deployment.metadata.name} ${short.join(" ")}` };
  });
}
