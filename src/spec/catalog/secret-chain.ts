import type { CatalogSection } from "./explanation.ts";

export const secretChain: CatalogSection = {
  title: "Secrets, link by link",
  about: "Of `frota secrets status` (`-o json`): where the way from Vault into the process is broken. `frota secrets set` and `frota apply` use some of them too.",
  codes: {
    EXTERNAL_SECRET_MISSING: {
      cause: "The cluster has no ExternalSecret for the agent, so nothing brings its keys from Vault.",
      remedy: "`frota apply clovis` writes it.",
    },
    PROCESS_NOT_STARTED: {
      cause: "The agent's container has not started yet; it takes the Secret as it is at that moment.",
      remedy: "`frota status clovis` says what it waits for.",
    },
    PROCESS_STALE: {
      cause: "The Secret changed after the process started, and the environment of a process never changes: it runs with the older values.",
      remedy: "`frota restart clovis`. With a controller that happens by itself, unless `secrets.onChange` is `notify`, or a freeze or suspension forbids it.",
    },
    PROCESS_UNKNOWN: {
      cause: "It cannot be told whether the process has the present values: there is no Secret, or nothing in the cluster says when it last changed.",
      remedy: "Mend the links before this one. If they are well, `frota restart clovis` makes it certain.",
    },
    PROOF_OPEN: {
      cause: "The pod was made for another state of the Secret than the present one; the restart that settles it has not happened yet.",
      remedy: "`frota status clovis` says what the restart waits for. Without a controller: `frota restart clovis`.",
    },
    PROOF_UNKNOWN: {
      cause: "The fleet's key of HMACs, Secret `frota-secret-key`, cannot be read with your rights, or is gone.",
      remedy: "Ask for `get` on Secrets of the namespace. If it is gone, the controller makes a new one at its next start.",
    },
    SECRET_KEYS_MISSING: {
      cause: "Keys of `spec.secrets.required` are missing in Vault, or in the Secret. `frota restart` does not take such an agent down: it could not start again. Nor does `frota secrets set --restart`, after it wrote the key that it was given (exit code 8).",
      remedy: "`frota secrets set clovis GITHUB_TOKEN` for each that is named. Those that Vault has come with the next sync.",
    },
    SECRET_STORE_NOT_READY: {
      cause: "The External Secrets Operator cannot log in to Vault or reach it: Vault is sealed or away, its certificate is not trusted, or its role does not know ServiceAccount `vault-auth`.",
      remedy: "`kubectl describe secretstore vault -n bots` has Vault's words. `frota doctor` checks what the cluster must have. Agents that run are not affected.",
    },
    SECRET_UNKNOWN: {
      cause: "The Secret could not be read; the reason is in the message.",
      remedy: "`frota doctor` lists your missing permissions. You need `get` on Secrets of the namespace.",
    },
    SYNC_BEHIND: {
      cause: "Vault has a newer version than the Secret.",
      remedy: "Wait for the next sync, at most the `refreshInterval`. With an interval of 0 it must be asked for: `kubectl annotate --overwrite externalsecret clovis-env -n bots force-sync=$(date +%s)`.",
    },
    SYNC_FAILED: {
      cause: "The operator tries and fails; its words are in the message. Mostly Vault refuses it the path, or the key is not there.",
      remedy: "`kubectl describe externalsecret clovis-env -n bots`, then Vault's policy and role of the fleet: `vault policy read agents`.",
    },
    SYNC_LATE: {
      cause: "The operator has not synced for several intervals: it does not run, is overloaded, or hangs.",
      remedy: "`kubectl get pods -A -l app.kubernetes.io/name=external-secrets`, its log, then restart it. For more than 100 agents raise its limits; `frota doctor` says to what.",
    },
    SYNC_NEVER: {
      cause: "The ExternalSecret is there, and nobody has worked on it yet.",
      remedy: "Wait a minute. If it stays so, the operator does not run: `kubectl get pods -A -l app.kubernetes.io/name=external-secrets`.",
    },
    SYNC_TIMEOUT: {
      cause: "Vault has taken the new value, but the Secret did not carry it in the time that was allowed.",
      remedy: "Do not write it again. `frota secrets status clovis` shows where it hangs; it arrives when that is mended.",
    },
    SYNC_UNKNOWN: {
      cause: "The ExternalSecret could not be read; the reason is in the message.",
      remedy: "`frota doctor` lists your missing permissions and says whether the operator is installed.",
    },
    VAULT_KEYS_MISSING: {
      cause: "The newest version in Vault lacks keys of `spec.secrets.required`. Often somebody wrote with `vault kv put`, which replaces all keys, instead of `vault kv patch`.",
      remedy: "`frota secrets set clovis GITHUB_TOKEN` for each. What was lost is in the version before: `vault kv get -version=3 kv/agents/clovis`.",
    },
    VAULT_SECRET_DELETED: {
      cause: "The newest version of the secret is marked as deleted in Vault. The operator keeps the Secret, so the agent goes on until somebody needs the new value.",
      remedy: "`vault kv undelete -versions=4 kv/agents/clovis`, or write a new one: `frota secrets set clovis GITHUB_TOKEN`.",
    },
    VAULT_SECRET_MISSING: {
      cause: "Vault has nothing at the agent's path.",
      remedy: "`frota secrets set clovis GITHUB_TOKEN` for each required key. If it was there before, compare `spec.vault.path` and `spec.vault.mount` of fleet.yaml.",
    },
    VAULT_UNKNOWN: {
      cause: "Vault could not be asked from here; the reason is in the message. The cluster's own way to Vault may be well all the same.",
      remedy: "Do what the line below it says: unseal Vault, or set `VAULT_ADDR` and run `vault login`. The other links are told without Vault.",
    },
  },
};
