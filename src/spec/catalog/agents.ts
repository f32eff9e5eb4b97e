import type { CatalogSection } from "./explanation.ts";

export const agents: CatalogSection = {
  title: "Agents",
  about: "Of `frota apply`, `diff`, `restart`, `delete`, `adopt` and `logs`. What `diff` and `apply` refuse is found by reading only: nothing is written (exit code 4).",
  codes: {
    ADOPT_INVALID: {
      cause: "Taken over together, the keys would give a file that `frota check` refuses: the agent itself has set something that its OpenClaw would not start with.",
      remedy: "Name the keys one by one (`frota drift clovis` lists them) and leave out the one that is named in the message.",
    },
    ADOPT_NOT_POSSIBLE: {
      cause: "On the way to that key the file has a YAML alias, or a value where a map would have to be.",
      remedy: "Write the key into agent.yaml by hand; `frota drift clovis` shows the value. Then `frota render`.",
    },
    ADOPT_OVERRULED: {
      cause: "fleet.yaml or Frota itself declares that key, so what an agent's own file says would not count, or would be merged into something else.",
      remedy: "Change it in fleet.yaml, for all agents; or put the declared value back with `frota restart clovis`.",
    },
    ADOPT_SECRET: {
      cause: "What the agent holds under that key looks like a credential, and a credential does not belong into Git. Nothing was written.",
      remedy: "Put the value into Vault with `frota secrets set clovis NAME`, list NAME in `secrets.required` and write `${NAME}` in its place; or name only the other keys.",
    },
    AGENT_FAILED: {
      cause: "The agent cannot become Ready as it is declared: its image cannot be pulled, its container exits again and again, or no node takes its pod. The reasons of the cluster and its last log lines are in the message.",
      remedy: "Mend what the reasons name and `frota apply` again. To go back: restore the last good files with `git revert`, then `frota apply clovis`. The volume is untouched, later agents were not begun.",
    },
    AGENT_NOT_READY: {
      cause: "The agent does not answer yet: it starts (one to four minutes on a busy node), the old pod still finishes a turn (up to 345 s), or it waits for its node, image or Secret.",
      remedy: "`frota status clovis` says what it waits for. The cluster goes on without the command; `--timeout` waits longer. If nothing moves, `frota logs clovis --previous`.",
    },
    AGENT_NOT_RUNNING: {
      cause: "The agent has no running container that a shell could be opened in.",
      remedy: "`frota status clovis` says why; `frota logs clovis --previous` what it said last.",
    },
    AGENT_UNKNOWN: {
      cause: "No agent of that name is in the fleet repository, or in this namespace of the cluster. Names are those of the folders.",
      remedy: "`frota status` lists the agents that the cluster has. One of the repository that it lacks: `frota apply clovis`. Another cluster or namespace: `--context`, `-n`.",
    },
    DECLARATION_MISSING: {
      cause: "Drift is what differs from the declaration, and the cluster has none for this agent: its ConfigMap is gone, or does not hold a JSON object.",
      remedy: "`frota apply clovis` writes it again.",
    },
    IMAGE_ENGINE: {
      cause: "OpenClaw in this image does not run on the Node of this image; every agent that takes it would exit at its start. OpenClaw 2026.9.3 and later need Node 24.",
      remedy: "Build an image whose two versions fit, `OPENCLAW_VERSION` and `BASE_IMAGE` in base/Dockerfile, and apply again. Agents that run are not affected.",
    },
    NAME_TAKEN: {
      cause: "An object with that name exists in the namespace and is not this fleet's: somebody else made it, or another fleet lives in the same namespace.",
      remedy: "Rename the agent, or use a namespace of its own. If the object shall become Frota's, label it `app.kubernetes.io/managed-by=frota` and apply again.",
    },
    NO_LOG: {
      cause: "There is no container yet whose log could be read: the agent has no pod, or its pod waits for a node, its image or its Secret. Or the container is gone from its node, as while a pod is replaced: the kubelet's own words are in the message.",
      remedy: "`frota status clovis` says what it waits for; `frota logs clovis -f` goes on with the next container.",
    },
    OPENCLAW_DOWNGRADE: {
      cause: "The image has an OpenClaw that is older than the one that last ran on this agent's state. OpenClaw migrates its state one way: the older one could not read it.",
      remedy: "Give the agent an image with that OpenClaw or a newer one (`spec.image.tag` or `spec.image.digest`), or restore the state from before the upgrade together with the older image.",
    },
    REFUSED: {
      cause: "Something that cannot go well was found by reading; nothing was written.",
      remedy: "Do what the message says, then run the command again.",
    },
    SELECTOR_IMMUTABLE: {
      cause: "The Deployment in the cluster selects its pods by other labels, and Kubernetes never lets that be changed.",
      remedy: "`kubectl delete deployment clovis -n bots` and `frota apply clovis`: the agent is down for that time, its volume stays.",
    },
    STORAGE_CLASS_CHANGE: {
      cause: "A volume stays of the storage class that it was made in.",
      remedy: "Declare the present class again. To move: a new agent on the other class, into which the state is restored.",
    },
    STORAGE_SHRINK: {
      cause: "`spec.storage.size` is less than the volume has, and Kubernetes only grows volumes.",
      remedy: "Declare the present size or more.",
    },
  },
};
