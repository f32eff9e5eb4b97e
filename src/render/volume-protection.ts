import { clusterLabels } from "./labels.ts";
import type { Manifest } from "./manifest.ts";
import { CONFIRM_DELETE_ANNOTATION, VOLUME_PROTECTION } from "./names.ts";

/**
 * The policy that keeps agents' memories from being deleted by mistake, for the whole cluster and every fleet in it.
 * It refuses to delete a volume claim that bears an agent's labels, and a namespace that bears a fleet's (deleting that
 * would take everything but the claims, which would then hang in it). Deleting is possible after annotating the object
 * with its own name; controllers and administrators are no exception.
 */
export function renderVolumeProtection(): Manifest[] {
  const metadata = { name: VOLUME_PROTECTION, labels: clusterLabels() };
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          objectSelector: { matchLabels: { "app.kubernetes.io/managed-by": "frota" } },
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["DELETE"], resources: ["persistentvolumeclaims", "namespaces"] },
          ],
        },
        variables: [
          {
            name: "confirmed",
            expression: `has(oldObject.metadata.annotations) && '${CONFIRM_DELETE_ANNOTATION}' in oldObject.metadata.annotations ? oldObject.metadata.annotations['${CONFIRM_DELETE_ANNOTATION}'] : ''`,
          },
        ],
        validations: [
          {
            expression: "variables.confirmed == oldObject.metadata.name",
            messageExpression:
              "(request.kind.kind == 'Namespace' ? 'namespace ' : 'volume claim ') + oldObject.metadata.name +" +
              " ' holds the memory of agents; to delete it all the same, first run: kubectl annotate '" +
              " + (request.kind.kind == 'Namespace' ? 'namespace ' : 'pvc -n ' + request.namespace + ' ') + oldObject.metadata.name +" +
              ` ' ${CONFIRM_DELETE_ANNOTATION}=' + oldObject.metadata.name`,
            reason: "Forbidden",
          },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: VOLUME_PROTECTION, validationActions: ["Deny"] },
    },
  ];
}
