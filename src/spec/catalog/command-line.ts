import type { CatalogSection } from "./explanation.ts";

export const commandLine: CatalogSection = {
  title: "The command line",
  about: "Wrong or incomplete usage (exit code 2), confirmations, and ends that nobody planned.",
  codes: {
    ADOPT_ARGUMENTS: {
      cause: "No agent was named, or a key that the agent has not changed.",
      remedy: "`frota drift clementina` lists the keys; then for example `frota adopt clementina cron.enabled`.",
    },
    AGENTS_NOT_NAMED: {
      cause: "The command acts on agents, and none was named: nothing is done to all by accident.",
      remedy: "Name them, `frota restart clovis`, or say `--all`.",
    },
    ARGUMENTS_INVALID: {
      cause: "A flag that the command does not have, a value that is not of the flag's kind, or an argument too many or too few.",
      remedy: "The command's `--help` tells them all: `frota logs --help`.",
    },
    CHAT_ARGUMENTS: {
      cause: "The agent or the message is missing.",
      remedy: "`frota chat clovis \"Good morning\"`, or pipe the message in.",
    },
    CODE_UNKNOWN: {
      cause: "`frota explain` was asked for a code that frota does not have.",
      remedy: "`frota explain` lists all. Reasons of conditions, such as MissingKeys, are told in words by `frota status`.",
    },
    COMMAND_UNKNOWN: {
      cause: "The word is no command of frota, or of the group in front of it.",
      remedy: "`frota --help` lists them by what they are for, `frota rollout --help` those of a group.",
    },
    FLAG_INVALID: {
      cause: "The value of a flag of `frota init` or `frota new` is not of the form that is needed there. It is not repeated: it may hold a password. Nothing was written.",
      remedy: "Give it in the form that the message names.",
    },
    FREEZE_UNCLEAR: {
      cause: "A freeze needs an end, or `--end`, which takes no reason.",
      remedy: "`frota freeze --for 2h --reason \"release day\"`, `frota freeze --end`.",
    },
    INIT_ARGUMENTS: {
      cause: "`frota init` needs to know something for which there is no default, and there is no terminal to ask on. Or `--volume-size` is given, and no first agent whose volume it would be.",
      remedy: "Give the flag that the message names, or run it on a terminal.",
    },
    INTERRUPTED: {
      cause: "Ctrl-C, or the process was asked to end (exit code 130). What the cluster had been given, it goes on with.",
      remedy: "`frota status` shows where it stands. Running the same command again goes on from there.",
    },
    LOGS_ARGUMENTS: {
      cause: "It is not clear whose log, or the flags exclude each other: a log that has ended cannot be followed.",
      remedy: "`frota logs clovis --follow`, `frota logs clovis --previous`, `frota logs --all`.",
    },
    NODE_MISSING: {
      cause: "There is no Node to run frota with.",
      remedy: "Install Node 24. On Linux npm brings it with frota, unless optional dependencies are left out.",
    },
    NODE_TOO_OLD: {
      cause: "frota was started with a Node that is older than the one it needs.",
      remedy: "Install Node 24. On Linux npm brings it with frota, unless optional dependencies are left out.",
    },
    NOT_CONFIRMED: {
      cause: "The command takes something away and wants it confirmed by name: the name was not typed, or there is no terminal to ask on. Nothing was changed.",
      remedy: "Type the name. In scripts `--yes`, and for `--crds` the name of the group.",
    },
    RENDER_ARGUMENTS: {
      cause: "Flags exclude each other: manifests are printed, or compared and told of.",
      remedy: "`frota render --stdout`, or without it `frota render --check` and `frota render -o json`.",
    },
    SECRET_ARGUMENTS: {
      cause: "Agent or key is missing.",
      remedy: "`frota secrets set clovis GITHUB_TOKEN`; the value is asked for.",
    },
    SECRET_KEY_INVALID: {
      cause: "As an argument: it is not a name of an environment variable. In the controller's log: Secret `frota-secret-key` was edited and no longer holds a key of 32 bytes.",
      remedy: "Use capital letters, digits and underscores. In the controller: delete that Secret and start the controller again; every agent is then restarted once, one after another.",
    },
    SECRET_KEY_UNDECLARED: {
      cause: "The key that is to be set is not declared in the agent's `spec.secrets.required`, Vault does not have it, and it is much like one that is declared: mistyped, most probably. Nothing was written.",
      remedy: "Set the key that is named. If this one is meant: `frota secrets set clovis GITLAB_TOKEN --undeclared`, or declare it first.",
    },
    SHELL_ARGUMENTS: {
      cause: "No agent was named to open a shell in.",
      remedy: "`frota shell clovis`.",
    },
    UNEXPECTED: {
      cause: "Something happened that frota does not foresee: a defect in frota.",
      remedy: "Report it with the command and the stack that follows. From the controller: its log has the line; it tries again by itself.",
    },
  },
};
