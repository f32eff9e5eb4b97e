import type { FleetChoices, FleetLayout } from "./scaffold-fleet.ts";

/** The README of a new fleet repository: what lies where, what to do every day, what a cluster needs once. */
export function fleetReadme({ name, namespace, image, pullSecrets, vault }: FleetChoices, { folder }: FleetLayout): string {
  const below = folder === "" ? "" : `${folder}/`;
  const secrets = `${vault.mount}/data/${vault.path}/*`;
  return `# ${name}

OpenClaw agents on Kubernetes, in namespace \`${namespace}\`, looked after with Frota.

| | |
|---|---|
| \`fleet.yaml\` | what all agents share |
| \`<agent>/agent.yaml\` | what is special about one |
| \`<agent>/workspace/\` | files that it finds in its workspace; need not be there |
| \`<agent>/k8s/\`, \`k8s/\` | made of these by \`frota render\`, committed, never edited by hand |
| \`base/\` | the image of all agents; a push to main builds \`${image}:latest\` |

No credential is in Git: they are in Vault, an agent's at \`${vault.mount}/${vault.path}/<agent>\`.

## Every day

\`\`\`sh
frota new NAME               # another agent
frota render                 # after an edit
frota check                  # what is wrong: file, line, column, what to do
frota diff                   # what applying would change, who restarts and why
frota apply                  # or: kubectl apply -f ${below}NAME/k8s/
frota secrets set NAME KEY
frota status
\`\`\`

They mean the cluster of \`--context NAME\` or \`FROTA_CONTEXT\`, else the lab on this machine: \`frota start\`, on Linux as root, brings
the whole fleet alive in one, with demo secrets; \`frota lab down\` ends it.

## Once, for GitHub

The workflow \`base-image\` logs in to the registry with the repository's secrets \`REGISTRY_USERNAME\` and \`REGISTRY_PASSWORD\`.

## Once, for a cluster

\`frota doctor --context NAME\` says what is missing: the External Secrets Operator, nodes, a storage class, ${pullSecrets.length > 0 ? "the pull secret, " : ""}Vault's role.

\`\`\`sh
kubectl create namespace ${namespace}
${pullSecrets.map((secret) => `kubectl create secret generic ${secret} -n ${namespace} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=$HOME/.docker/config.json\n`).join("")}${
    vault.certificateAuthority === undefined ? "" : `kubectl create configmap ${vault.certificateAuthority} -n ${namespace} --from-file=ca.crt=vault-ca.pem\n`
  }vault policy write ${namespace} - <<'POLICY'
path "${secrets}" { capabilities = ["read"] }
POLICY
vault write auth/kubernetes/role/${vault.role} bound_service_account_names=vault-auth bound_service_account_namespaces=${namespace} audience=vault policies=${namespace}
kubectl apply -f ${below}k8s/
\`\`\`
`;
}
