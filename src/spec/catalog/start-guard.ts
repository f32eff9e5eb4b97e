import type { CatalogSection } from "./explanation.ts";

export const startGuard: CatalogSection = {
  title: "Start guard",
  about: "In the agent's log (`frota logs clovis --previous`) and in its pod's termination message, as `[CODE]`: the agent does not start until it is mended.",
  codes: {
    DECLARATION_UNREADABLE: {
      cause: "The mounted declaration of the configuration is missing or not JSON: somebody edited ConfigMap `clovis-config`, or only a part of the files was applied.",
      remedy: "`frota render`, then `frota apply clovis` or `kubectl apply -f agents/clovis/k8s/`.",
    },
    OPENCLAW_MISSING: {
      cause: "The image that the agent was given has no `openclaw` command: it is not an agents' image, or was built wrongly.",
      remedy: "`frota image digest` says what the tag means now. Build the image from base/Dockerfile, or set the agent's `spec.image.digest` to one that worked.",
    },
    OPENCLAW_OLDER_THAN_STATE: {
      cause: "A newer OpenClaw ran on this volume before, and may have changed the state for good. Starting the older one could destroy the memory, so it is refused.",
      remedy: "Run an image with the OpenClaw that is named, or a newer one. Or restore the state from before the upgrade, and then, once, set `FROTA_ACCEPT_OPENCLAW` to the older version in `spec.env`.",
    },
    SECRET_MISSING: {
      cause: "A key of `spec.secrets.required` is not in the environment: Vault lacks it, it is not synced yet, or the whole Secret is missing.",
      remedy: "`frota secrets status clovis` shows the broken link. Write the key with `frota secrets set clovis GITHUB_TOKEN --restart`, or in Vault and restart the agent.",
    },
    STATE_NEWER_THAN_OPENCLAW: {
      cause: "The databases on the volume have a schema that this OpenClaw does not read: a newer one migrated them.",
      remedy: "Run an image with a newer OpenClaw, or restore the state from before the upgrade.",
    },
    VOLUME_FAULTY: {
      cause: "Reading or writing the volume fails with input/output errors: the disk, its attachment or the storage provider is at fault.",
      remedy: "Do not start again and again. Look at the provider's status page and the node's kernel log (`kubectl describe node`), take a snapshot of the volume, then delete the pod so that the volume is attached anew.",
    },
    VOLUME_FULL: {
      cause: "There is no space left on the agent's volume for its state.",
      remedy: "Raise `spec.storage.size` in agent.yaml, `frota render`, `frota apply clovis`: the volume grows. Or free space: `cache/` on the volume can be made again.",
    },
    VOLUME_LOCK: {
      cause: "The lock file that keeps two gateways off one volume cannot be used: the folder `.frota` is a link, or cannot be written because the volume is full or read-only.",
      remedy: "On a full volume raise `spec.storage.size` and apply. A link was put there by the agent or a person: remove it from the volume.",
    },
    VOLUME_PERMISSION: {
      cause: "Files on the volume belong to another user than root, mostly after they were copied there from elsewhere.",
      remedy: "Give them to root from a pod that may: `chown -R 0:0` on the volume.",
    },
    VOLUME_READ_ONLY: {
      cause: "The volume is mounted read-only. The kernel does that by itself after a disk error.",
      remedy: "Look at the node's kernel log, then `kubectl delete pod -n bots -l app.kubernetes.io/instance=clovis`, so that the volume is attached and checked again. If it comes back, move the agent off the node: `kubectl drain`.",
    },
  },
};
