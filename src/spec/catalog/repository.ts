import type { CatalogSection } from "./explanation.ts";

export const repository: CatalogSection = {
  title: "The fleet repository",
  about: "Findings of `frota check`, with file, line and column (errors make it exit with 1, warnings do not), and errors of commands that read or write the repository.",
  codes: {
    AGENT_EXISTS: {
      cause: "`frota new` or `frota init` was asked for an agent whose name another has. Accents and capitals do not tell agents apart: Clóvis is clovis.",
      remedy: "Give the new one another name. What people call an agent may be the same: `--display-name`.",
    },
    AGENT_INVALID: {
      cause: "The agent that `frota new` would write does not pass `frota check`, for example because its name is reserved. Nothing was written.",
      remedy: "The message has the finding: give another name or value.",
    },
    AGENT_NAME_INVALID: {
      cause: "Kubernetes names have lower-case letters from a to z, digits and hyphens; Frota allows 40 characters. Accents are taken off (`Clóvis` is clovis), but of this name nothing is left, or too much.",
      remedy: "Give both: `frota new nihon --display-name 日本`.",
    },
    CANARY_UNKNOWN: {
      cause: "`spec.rollout.canaries` of fleet.yaml names an agent that the repository does not have: mistyped, or taken out of it.",
      remedy: "Correct the name, or take it out. With no canary left, a new image goes to agents by their names.",
    },
    DUPLICATE_AGENT: {
      cause: "Two agents have the same name; both would want the same volume.",
      remedy: "Give one of them another name and folder.",
    },
    FILE_UNREADABLE: {
      cause: "fleet.yaml or an agent.yaml is there and cannot be read as text: not UTF-8, larger than 1 MiB, a symbolic link, or forbidden. Left out, its agent would seem to be gone; so nothing was done.",
      remedy: "Save it as UTF-8 (`iconv -f latin1 -t utf-8`; what PowerShell wrote, with `-f utf-16`), or put the file itself in the link's place.",
    },
    FILES_EXIST: {
      cause: "`frota init` and `frota new` overwrite nothing, and files of theirs are there already. Nothing was written.",
      remedy: "Move the files away that the message names, or choose another folder or name. `frota init --no-workflow` leaves the workflow out.",
    },
    FILE_NOT_GENERATED: {
      cause: "Where a rendered file belongs there is one that Frota did not write; it is not overwritten.",
      remedy: "Move what it says to agent.yaml, remove the file, then `frota render`.",
    },
    FILE_NOT_REMOVED: {
      cause: "A rendered file that is no longer needed cannot be removed.",
      remedy: "Check owner and permissions of the folder.",
    },
    FILE_NOT_WRITTEN: {
      cause: "A file cannot be written.",
      remedy: "Check permissions and free space of the folder.",
    },
    FLEET_EXISTS: {
      cause: "The folder in which `frota init` should write is in a fleet repository, or holds one.",
      remedy: "`frota new NAME` adds an agent to that fleet. For another fleet choose a folder outside of it.",
    },
    FOLDER_NAME: {
      cause: "Folder and agent have different names; paths such as `agents/clovis/k8s/` would mislead.",
      remedy: "Rename the folder, or `metadata.name`. The name of an agent that already runs is also the name of its volume: better keep it.",
    },
    INIT_INVALID: {
      cause: "The fleet that `frota init` would write does not pass `frota check`. Nothing was written.",
      remedy: "The message has the finding: give another value.",
    },
    INVALID_NAME: {
      cause: "A key of a map is not of the form that its place allows.",
      remedy: "Write it in the form that the message names.",
    },
    INVALID_VALUE: {
      cause: "The value is of the right type, but not one that is allowed here.",
      remedy: "Write what the message says is allowed; docs/reference/agent.md and fleet.md list all fields.",
    },
    MERGE_INVALID: {
      cause: "agent.yaml and the fleet's defaults are valid each by itself, and not together.",
      remedy: "Compare the agent's `spec` with `spec.defaults` of fleet.yaml, field by field.",
    },
    MISSING_FIELD: {
      cause: "A field that must be given is not there.",
      remedy: "Add it; the finding says what it takes.",
    },
    NAMESPACE_MISMATCH: {
      cause: "An agent lives in the namespace of its fleet, and this one names another.",
      remedy: "Remove the line.",
    },
    NO_AGENT_FILE: {
      cause: "A folder has a `workspace/` and no agent.yaml, so nothing uses it.",
      remedy: "Write agent.yaml, or remove the folder.",
    },
    NO_REPOSITORY: {
      cause: "There is no fleet.yaml in this folder, in `agents/` below it, or in a folder above.",
      remedy: "Go to the fleet repository, or name it with `--repo DIR`.",
    },
    PATH_OUTSIDE: {
      cause: "A path would lead out of the repository; nothing was written.",
      remedy: "Rename what has `..` or a leading slash in its path.",
    },
    RENDERED_LEFTOVER: {
      cause: "A file in `k8s/` was rendered once and is not any more; `kubectl apply -f` would go on applying it.",
      remedy: "`frota render` removes it; commit that.",
    },
    RENDERED_MISSING: {
      cause: "An agent or a file of it was added, and not rendered.",
      remedy: "`frota render`, and commit what it writes.",
    },
    RENDERED_STALE: {
      cause: "The source was edited and not rendered, a rendered file was edited by hand, or this frota renders otherwise than the one before.",
      remedy: "`frota render`, look at `git diff`, and commit. What was edited by hand belongs into agent.yaml.",
    },
    REPOSITORY_INVALID: {
      cause: "The repository has errors; the command used nothing of it.",
      remedy: "`frota check` lists all, with file, line, column and fix.",
    },
    REPOSITORY_TOO_LARGE: {
      cause: "The folder has far more files than a fleet has: it is a folder around the fleet.",
      remedy: "Name the fleet's own folder with `--repo DIR`.",
    },
    REPOSITORY_UNREADABLE: {
      cause: "The folder cannot be read.",
      remedy: "Check its permissions.",
    },
    RESERVED_NAME: {
      cause: "The name is taken by something of the fleet itself, such as a folder or an object.",
      remedy: "Give the agent another name.",
    },
    SECOND_FLEET: {
      cause: "A namespace has exactly one Fleet, and a second one is in this repository.",
      remedy: "Remove it. Another fleet has its own repository (or folder) and namespace.",
    },
    STRAY_AGENT: {
      cause: "An Agent is where nothing reads it.",
      remedy: "Move it to `NAME/agent.yaml`, one folder below the root.",
    },
    UNKNOWN_FIELD: {
      cause: "There is no such field here: a slip, a wrong indentation, or a field of another place.",
      remedy: "The finding names the nearest field or where it belongs; docs/reference/agent.md and fleet.md list all.",
    },
    WRONG_TYPE: {
      cause: "The value is of another type than the field takes, often for want of quotes.",
      remedy: "Write it as the finding says.",
    },
    YAML_DUPLICATE_KEY: {
      cause: "The same key stands twice in one map; only one of them would count.",
      remedy: "Remove one of them.",
    },
    YAML_EMPTY: {
      cause: "The file has no content.",
      remedy: "Give it `apiVersion`, `kind` and `metadata`, or remove it.",
    },
    YAML_SEVERAL_DOCUMENTS: {
      cause: "The file holds more than one YAML document, separated by `---`.",
      remedy: "One resource in one file: move the second one to its own.",
    },
    YAML_SYNTAX: {
      cause: "The file is not YAML, or nested or aliased beyond what is reasonable.",
      remedy: "Look at the line before the named place as well: mostly an indentation, a colon or a quote.",
    },
    YAML_TOO_LARGE: {
      cause: "The file is larger than 256 kB.",
      remedy: "Move large texts to files in `workspace/`.",
    },
  },
};
