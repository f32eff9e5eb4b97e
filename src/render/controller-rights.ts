import type { Manifest } from "./manifest.ts";
import { controllerLabels } from "./labels.ts";
import { CONTROLLER_NAMESPACE, controllerName, SECRET_KEY } from "./names.ts";

const RBAC = "rbac.authorization.k8s.io";

/** A rule of a Role, shortened to one API group. */
interface Rule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly names?: readonly string[];
}

const READ = ["get", "list", "watch"];
const MAKE = ["create", "patch"];

/**
 * What a controller does in its fleet's namespace. It never writes what people declare (`spec` and annotations of Fleet and Agent),
 * and deletes neither volume claims nor Secrets.
 */
const IN_FLEET: readonly Rule[] = [
  { group: "frota.dev", resources: ["fleets", "agents"], verbs: READ },
  { group: "frota.dev", resources: ["fleets/status", "agents/status"], verbs: ["patch", "update"] },
  { group: "apps", resources: ["deployments"], verbs: [...READ, ...MAKE, "delete"] },
  { group: "apps", resources: ["replicasets"], verbs: READ },
  // The ledger of images: what was used and what was rejected. Which may be deleted, the admission policy below says.
  { group: "apps", resources: ["controllerrevisions"], verbs: [...READ, ...MAKE, "delete"] },
  // `update`: the ledger of disruptions is written by compare-and-swap.
  { group: "", resources: ["configmaps"], verbs: [...READ, ...MAKE, "update", "delete"] },
  { group: "", resources: ["services", "serviceaccounts"], verbs: [...READ, ...MAKE, "delete"] },
  { group: "networking.k8s.io", resources: ["networkpolicies"], verbs: [...READ, ...MAKE, "delete"] },
  { group: "external-secrets.io", resources: ["externalsecrets"], verbs: [...READ, ...MAKE, "delete"] },
  { group: "external-secrets.io", resources: ["secretstores"], verbs: READ },
  { group: "policy", resources: ["poddisruptionbudgets"], verbs: READ },
  // Pods that pull an image before anything stops are made and removed again.
  { group: "", resources: ["pods"], verbs: [...READ, "create", "delete"] },
  { group: "", resources: ["pods/log"], verbs: ["get"] },
  { group: "", resources: ["persistentvolumeclaims"], verbs: [...READ, ...MAKE] },
  // Which Secret may be created, the admission policy below says: RBAC cannot.
  { group: "", resources: ["secrets"], verbs: [...READ, "create"] },
  { group: "", resources: ["events"], verbs: MAKE },
  { group: "events.k8s.io", resources: ["events"], verbs: MAKE },
];

const CLUSTER_WIDE: readonly Rule[] = [
  { group: "", resources: ["nodes"], verbs: READ },
  // Reclaim policy Retain for volumes of agents.
  { group: "", resources: ["persistentvolumes"], verbs: ["get", "patch"] },
  { group: "apiextensions.k8s.io", resources: ["customresourcedefinitions"], verbs: ["get"], names: ["fleets.frota.dev"] },
  // Watched: what runs of agents that vanish with their definition stays.
  { group: "apiextensions.k8s.io", resources: ["customresourcedefinitions"], verbs: READ, names: ["agents.frota.dev"] },
];

/** Leader election: its own Lease only. Creating cannot be restricted to a name. */
function leaseRules(name: string): Rule[] {
  return [
    { group: "coordination.k8s.io", resources: ["leases"], verbs: [...READ, "patch", "update"], names: [name] },
    { group: "coordination.k8s.io", resources: ["leases"], verbs: ["create"] },
  ];
}

/** Everything that the controller of one fleet may do, and nothing else. */
export function renderControllerRights(fleetNamespace: string): Manifest[] {
  const name = controllerName(fleetNamespace);
  return [
    ...grant({ name, labels: controllerLabels(fleetNamespace) }, undefined, CLUSTER_WIDE),
    ...grant({ name, labels: controllerLabels(fleetNamespace) }, CONTROLLER_NAMESPACE, leaseRules(name)),
    ...grant({ name, labels: controllerLabels(fleetNamespace) }, fleetNamespace, IN_FLEET),
    ...renderAdmission(fleetNamespace),
  ];
}

/** A role and its binding: of a namespace, or of the cluster where there is none. */
function grant(common: { readonly name: string; readonly labels: Readonly<Record<string, string>> }, namespace: string | undefined, rules: readonly Rule[]): Manifest[] {
  const kind = namespace === undefined ? "ClusterRole" : "Role";
  const metadata = { ...common, ...(namespace === undefined ? {} : { namespace }) };
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata,
      rules: rules.map(({ group, resources, verbs, names }) => ({ apiGroups: [group], resources, verbs, ...(names && { resourceNames: names }) })),
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name: common.name },
      subjects: [{ kind: "ServiceAccount", name: common.name, namespace: CONTROLLER_NAMESPACE }],
    },
  ];
}

const NEEDED_SECRET = `object.metadata.name == '${SECRET_KEY}' && object.type == 'Opaque'`;
const OWN_REVISION = "oldObject.?metadata.labels['app.kubernetes.io/component'].orValue('') == 'image' && oldObject.?metadata.labels['app.kubernetes.io/managed-by'].orValue('') == 'frota'";
const UNREJECTED = "oldObject.?metadata.annotations['frota.dev/rejected'].orValue('') == ''";

/**
 * What RBAC cannot say. Whoever may create any Secret may make a token of any service account of the namespace: so it may create one Secret
 * only. And it may delete revisions of its own, but no mark of an image that failed.
 */
function renderAdmission(fleetNamespace: string): Manifest[] {
  const name = controllerName(fleetNamespace);
  const metadata = { name, labels: controllerLabels(fleetNamespace) };
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] },
            { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["DELETE"], resources: ["controllerrevisions"] },
          ],
        },
        matchConditions: [{ name: "controller", expression: `request.userInfo.username == 'system:serviceaccount:${CONTROLLER_NAMESPACE}:${name}'` }],
        validations: [
          {
            expression: `request.resource.resource != 'secrets' || (${NEEDED_SECRET})`,
            message: `a Frota controller may create no Secret but ${SECRET_KEY}`,
            reason: "Forbidden",
          },
          {
            expression: `request.resource.resource != 'controllerrevisions' || (${OWN_REVISION} && ${UNREJECTED})`,
            message: "a Frota controller may delete no ControllerRevision but its own of images that were not rejected",
            reason: "Forbidden",
          },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ];
}
