import type { CatalogSection } from "./explanation.ts";

export const declarations: CatalogSection = {
  title: "What an agent declares",
  about: "Findings of `frota check` that know OpenClaw, Kubernetes and the agents' image.",
  codes: {
    CPU_LIMIT: {
      cause: "With less than one CPU OpenClaw takes a minute and more to start (59 s were measured at half a core).",
      remedy: "`limits.cpu: 1` or more, or no limit of CPU.",
    },
    CREDENTIAL_IN_CONFIG: {
      cause: "A value under `spec.openclaw` looks like a credential.",
      remedy: "Put it into Vault with `frota secrets set clovis LINEAR_API_KEY`, list the key in `secrets.required` and write `${LINEAR_API_KEY}` in its place. If it was committed, revoke it.",
    },
    CREDENTIAL_IN_ENV: {
      cause: "A value under `spec.env` looks like a credential.",
      remedy: "Put it into Vault with `frota secrets set clovis LINEAR_API_KEY` and list the key in `secrets.required`: it reaches the agent under the same name. If it was committed, revoke it.",
    },
    CREDENTIAL_IN_FILE: {
      cause: "A file of the repository holds what looks like a credential.",
      remedy: "Remove it, revoke it where it was issued (Git keeps it for ever), and put the new one into Vault with `frota secrets set`.",
    },
    MEMORY_LIMIT: {
      cause: "OpenClaw needs up to 1.5 GB in its first turn (measured); with less it is killed with exit code 137.",
      remedy: "`limits.memory: 2Gi` or more.",
    },
    MEMORY_OVERWRITTEN: {
      cause: "`enforce` on a file of the agent's memory would overwrite what it has learned, at every start.",
      remedy: "Use mode `seed` for this file.",
    },
    MEMORY_REQUEST: {
      cause: "OpenClaw uses 0.8 GB when it is ready (measured); a node that runs short evicts first who uses more than it requested.",
      remedy: "`requests.memory: 1Gi`.",
    },
    NODE_LINE: {
      cause: "The Dockerfile's OpenClaw requires a Node of which its base image is not.",
      remedy: "Take a base image of an admitted line, or an older OpenClaw. More: docs/guide/node-24.md.",
    },
    OPENCLAW_CONFIG: {
      cause: "OpenClaw's own schema refuses this configuration: the agent would not start.",
      remedy: "Do what the finding says, or see OpenClaw's configuration reference of the version in docs/reference/versions.md.",
    },
    OPENCLAW_SCHEMA_MISSING: {
      cause: "The schema of OpenClaw's configuration is not in the installed package.",
      remedy: "Install frota again. In a checkout: `node scripts/openclaw-schema.ts`.",
    },
    OPENCLAW_UNPINNED: {
      cause: "The Dockerfile installs whatever OpenClaw is newest at the next build, which may refuse the image's Node or migrate every agent's state.",
      remedy: "Pin it: an `ARG OPENCLAW_VERSION` and `openclaw@${OPENCLAW_VERSION}`.",
    },
    OPENCLAW_VERSION: {
      cause: "The Dockerfile's OpenClaw is another one than that whose schema checks the configuration here.",
      remedy: "Use a frota that knows this version. In a checkout: change src/spec/openclaw/version.ts and run `node scripts/openclaw-schema.ts`.",
    },
    REQUEST_OVER_LIMIT: {
      cause: "A request is more than its limit, which Kubernetes refuses.",
      remedy: "Raise the limit, or lower the request.",
    },
    RESERVED_ENV: {
      cause: "Frota sets this variable itself, and relies on its value.",
      remedy: "Remove it from `spec.env`.",
    },
    RESERVED_SETTING: {
      cause: "Frota sets this key of OpenClaw's configuration itself, because probes, Service and network rules depend on it.",
      remedy: "Remove it from `spec.openclaw`.",
    },
    SECRET_IN_ENV: {
      cause: "The same name is a required secret and a plain variable; the plain one would win.",
      remedy: "Remove it from `spec.env`; its value belongs into Vault.",
    },
    STORAGE_SIZE: {
      cause: "The declared size of the volume is outside of what an agent reasonably has.",
      remedy: "10Gi to 25Gi. A volume can grow later, and never shrinks.",
    },
    SWITCH_OFF: {
      cause: "The setting switches off something that Frota needs of a gateway, such as health or chat.",
      remedy: "Remove the line.",
    },
    UNDECLARED_VARIABLE: {
      cause: "The configuration uses `${NAME}`, and nothing gives the agent a variable of that name: it would not start, or with an empty value.",
      remedy: "Add the name to `secrets.required`, or a plain value to `spec.env`.",
    },
    UNKNOWN_CHANNEL: {
      cause: "This OpenClaw has no such channel; without a plugin for it, it does not start.",
      remedy: "Correct the name, or install the plugin in base/Dockerfile and declare it under `plugins`.",
    },
    WORKSPACE_FILE_MISSING: {
      cause: "`spec.workspace.files` names a file that is not in `workspace/`.",
      remedy: "Create it, or remove the line.",
    },
    WORKSPACE_FILE_SKIPPED: {
      cause: "A file in `workspace/` cannot be carried by a ConfigMap: it is not text, or too large, or a link.",
      remedy: "Keep text files of at most 1 MiB there.",
    },
    WORKSPACE_GIT: {
      cause: "`workspace/` holds a `.git` of its own, and OpenClaw makes its own.",
      remedy: "Remove it from the folder.",
    },
    WORKSPACE_LARGE: {
      cause: "`kubectl apply` keeps what it applied in an annotation, and an object's annotations have at most 256 KiB: it would refuse the workspace's ConfigMap.",
      remedy: "Apply with `frota apply`, `kubectl apply --server-side` or a GitOps tool that applies so; or keep large files out of the repository.",
    },
    WORKSPACE_PATH_TOO_LONG: {
      cause: "The path of the file becomes a key of a ConfigMap, which has at most 253 characters; each slash or special character counts three.",
      remedy: "Shorten the path.",
    },
    WORKSPACE_TOO_LARGE: {
      cause: "The files of `workspace/` together are larger than a ConfigMap holds.",
      remedy: "Keep large files out of the repository; let the agent fetch them.",
    },
  },
};
