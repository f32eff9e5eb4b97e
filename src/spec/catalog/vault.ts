import type { CatalogSection } from "./explanation.ts";

export const vault: CatalogSection = {
  title: "Vault, from here",
  about: "Of `frota secrets`, which talks to Vault as you: `VAULT_ADDR`, and `VAULT_TOKEN` or `~/.vault-token`.",
  codes: {
    SECRET_VALUE_EMPTY: {
      cause: "Standard input was empty, or nothing was typed. Nothing was written.",
      remedy: "Type the value at the prompt, or pipe it in: `pass show github/clovis | frota secrets set clovis GITHUB_TOKEN`.",
    },
    SECRET_VALUE_IN_ARGUMENT: {
      cause: "A third argument was given. Arguments stay in the shell's history and are shown in the list of processes.",
      remedy: "Give only agent and key; the value is asked for, or read from standard input. If it was a real one, revoke it.",
    },
    SECRET_VALUE_TOO_LARGE: {
      cause: "The value is larger than a Kubernetes Secret can hold. Nothing was written.",
      remedy: "Keep only the credential itself, below 1 MB.",
    },
    VAULT_ADDRESS_INVALID: {
      cause: "`VAULT_ADDR` is not an http or https URL.",
      remedy: "`export VAULT_ADDR=https://vault.example.com:8200`.",
    },
    VAULT_ADDRESS_MISSING: {
      cause: "A cluster that is not the lab was named, and nothing says where its Vault is as seen from here. What fleet.yaml says is the address inside of the cluster.",
      remedy: "`export VAULT_ADDR=https://vault.example.com:8200`, then `vault login`.",
    },
    VAULT_CAS_MISMATCH: {
      cause: "Somebody else wrote the same secret between reading and writing, twice in a row. Nothing of yours was written, nothing of theirs lost.",
      remedy: "`frota secrets list clovis`, then run the command again.",
    },
    VAULT_CA_UNREADABLE: {
      cause: "`VAULT_CACERT` names a file that cannot be read.",
      remedy: "Set `VAULT_CACERT` to a readable PEM file.",
    },
    VAULT_CERTIFICATE: {
      cause: "Vault's certificate is signed by an authority that this machine does not trust, has expired, or is for another name.",
      remedy: "Set `VAULT_CACERT` to the PEM file of the authority that signed it. If it has expired, renew it in Vault; the operator in the cluster is stopped by it as well.",
    },
    VAULT_FAILED: {
      cause: "Vault answered with an error of its own.",
      remedy: "`vault status` shows its health, Vault's log the reason.",
    },
    VAULT_FORBIDDEN: {
      cause: "Your Vault token may not do this on that path.",
      remedy: "Ask for a policy with the path and capability of the message. `frota secrets set` needs `create`, `update`, `patch` and `read` on `kv/data/agents/*` and `read` on `kv/metadata/agents/*`.",
    },
    VAULT_KV_VERSION: {
      cause: "The mount is KV version 1, or no KV at all; Frota needs the versions and times of KV version 2.",
      remedy: "`vault kv enable-versioning kv`, or name another mount in `spec.vault.mount` of fleet.yaml.",
    },
    VAULT_NOT_FOUND: {
      cause: "Vault answers, and has nothing under that path: the mount or path of fleet.yaml is wrong, or you are in another Vault namespace.",
      remedy: "Compare `spec.vault.mount` and `spec.vault.path` with `vault secrets list`; set `VAULT_NAMESPACE` where Vault has namespaces.",
    },
    VAULT_SEALED: {
      cause: "Vault restarted, or somebody sealed it: it has its data, but not the key to it. Agents that run go on; nothing is synced, and no secret can be written.",
      remedy: "`vault operator unseal` on each server, with the keys of those who hold them; the lab's: `frota lab up`. Then `frota secrets status`. More: docs/guide/incidents.md.",
    },
    VAULT_TOKEN_INVALID: {
      cause: "Vault does not accept the token: it is wrong, has expired, or was revoked.",
      remedy: "`vault login`, or set `VAULT_TOKEN`.",
    },
    VAULT_TOKEN_MISSING: {
      cause: "Neither `VAULT_TOKEN` nor `~/.vault-token` has a token.",
      remedy: "`vault login`, or set `VAULT_TOKEN`.",
    },
    VAULT_UNREACHABLE: {
      cause: "Nothing answers at `VAULT_ADDR`: the address is wrong, Vault is down, or this machine may not reach it.",
      remedy: "`vault status`; check VPN, firewall or port-forward.",
    },
  },
};
