import type { CatalogSection } from "./explanation.ts";

export const lab: CatalogSection = {
  title: "The lab",
  about: "Of `frota start` (`npm start` in a checkout) and `frota lab`. `frota doctor` says what the machine lacks; after a failure the same command goes on where it stopped.",
  codes: {
    COMPONENT_FAILED: {
      cause: "Building or unpacking a part of the lab failed; the log that is named has the reason: mostly a download, a full disk, or too little memory.",
      remedy: "Read the log, then run the same command again: what was finished is kept.",
    },
    COMPONENT_UNAVAILABLE: {
      cause: "A part of the lab is not known for this processor.",
      remedy: "Use a machine with x64; or work on an existing cluster with `--context`.",
    },
    DOWNLOAD_CORRUPT: {
      cause: "What was downloaded does not have the checksum that is pinned or published.",
      remedy: "Try again. If it happens again, something on the way changes what you download: do not use this connection or proxy.",
    },
    DOWNLOAD_FAILED: {
      cause: "A package registry cannot be reached, or answers with an error.",
      remedy: "Try again; what was finished is kept. Behind a proxy, set `HTTPS_PROXY` and the registries of npm and pip.",
    },
    LAB_BUSY: {
      cause: "Another `frota` is starting or stopping the same lab.",
      remedy: "Wait until it has ended, then run the command again. Another lab at the same time: `FROTA_LAB=second`.",
    },
    LAB_DOWN: {
      cause: "The lab is not running.",
      remedy: "`frota lab up`; its data is where it was.",
    },
    LAB_ETCD_UNREADABLE: {
      cause: "After a power cut etcd cannot read its data.",
      remedy: "`frota lab up`: the data is moved aside and the cluster made anew; volumes, Vault and registry are kept.",
    },
    LAB_IMPOSSIBLE: {
      cause: "The lab makes namespaces, mounts and network devices, which needs Linux and root.",
      remedy: "On Linux run the same command as root, with `sudo`. Elsewhere work on a cluster: `frota doctor --context do-nyc1-production`.",
    },
    LAB_NO_ADDRESS: {
      cause: "Every address range that the lab may use is taken on this machine.",
      remedy: "Free a /30 in 10.213.0.0/16: `frota lab down` for labs that are not needed.",
    },
    LAB_NOT_MEANT: {
      cause: "`FROTA_CONTEXT` names a cluster, and `frota start` brings a fleet alive in the lab: with demo secrets, which no other Vault must get.",
      remedy: "`unset FROTA_CONTEXT`, then `frota start` again. In that cluster: `frota doctor`, `frota secrets set`, `frota apply`.",
    },
    LAB_POOL_TAKEN: {
      cause: "The lab has one node, and another fleet's agents run on it under the same node label with another pool.",
      remedy: "Another `spec.nodePool.label` in fleet.yaml, or a lab of its own: `FROTA_LAB=second frota start`.",
    },
    LAB_PURGE_NAME: {
      cause: "`--purge` deletes all data of a lab, and must name that lab.",
      remedy: "`frota lab down --purge default`.",
    },
    LAB_SANDBOX: {
      cause: "The namespaces of the lab could not be made: `unshare` is missing or the kernel forbids it, as in most containers.",
      remedy: "`frota doctor`. In a container: one with all privileges, or the machine itself.",
    },
    LAB_TIMEOUT: {
      cause: "A part of the lab did not come up in time: mostly a busy machine, sometimes a part that dies; its log is named.",
      remedy: "Read the log, then run the same command again: it goes on where it stopped.",
    },
    LAB_VAULT: {
      cause: "The lab's Vault refused something while it was set up.",
      remedy: "Run the command again. If it persists: `frota lab status`, and the log of service vault.",
    },
    LAB_VAULT_KEYS: {
      cause: "The lab's Vault was set up, but the file with its keys is gone, or cannot be read. Vault tells them once.",
      remedy: "Put the file back. Where it is lost, so is what that Vault held: `frota lab down --purge default` begins anew, volumes included.",
    },
    PROGRAMS_MISSING: {
      cause: "Programs of the distribution are missing and could not be installed.",
      remedy: "Run the `apt-get install` of the message, then the command again.",
    },
  },
};
