import type { CatalogSection } from "./explanation.ts";

export const controller: CatalogSection = {
  title: "The controller, and fleets that it operates",
  about: "Of commands that ask the controller for something, in its log, in Events and in the condition Stalled.",
  codes: {
    ADDRESS_UNAVAILABLE: {
      cause: "`frota controller run` cannot listen for metrics and health: the port is taken, or the address is not this machine's.",
      remedy: "Choose another with `--address HOST:PORT`.",
    },
    AGENTS_HELD: {
      cause: "The controller has everything that was asked for, and may not do it now: a freeze, the agent or fleet is suspended, or a restart is asked for and the Secret lacks a key to start with (exit code 8).",
      remedy: "`frota secrets status clovis` shows where a key is lost. After a freeze it goes on by itself; `frota freeze --end` ends one that was asked for. What is suspended goes on after `frota resume clovis`, or where Git says `suspend`.",
    },
    AGENT_STALLED: {
      cause: "The agent does not get further by itself: the API server refuses what is declared, a right is missing, or a restart ended with an agent that is not healthy.",
      remedy: "`frota status clovis` has the reason in words. Mend agent.yaml, fleet.yaml or the secret and apply again; the controller tries again at once after a change, else every five minutes.",
    },
    APPLY_TIMEOUT: {
      cause: "What was asked for is on its way and not over: agents are restarted one after another, each in a quiet moment, and the command does not wait longer.",
      remedy: "Nothing is lost. It names who is not there yet, and why: `frota doctor --agent clovis` finds the cause, `frota status` shows for whom an agent waits, and `--timeout` waits longer.",
    },
    CONTROLLER_IMAGE_INCOMPLETE: {
      cause: "The image of the controller is made from the installed frota, and a file of that is missing.",
      remedy: "Install frota again (in a checkout: `node scripts/build.ts`).",
    },
    CONTROLLER_IMAGE_MISSING: {
      cause: "The registry does not have the controller's image of this version.",
      remedy: "On the lab: `frota start`. Elsewhere let the workflow controller-image build it, or name another with `--image`.",
    },
    CONTROLLER_LIVE: {
      cause: "`--plain` would write objects by hand that a live controller puts back.",
      remedy: "Leave `--plain` away; or, for the plain way from now on, `frota controller uninstall` first.",
    },
    CONTROLLER_NOT_READY: {
      cause: "The controller was installed, and no pod of it took the Lease in time: its image is not pulled, it crashes, or another process holds the Lease.",
      remedy: "`frota controller status`, then `kubectl logs -n frota-system deployment/frota-controller-bots`. Agents go on meanwhile.",
    },
    CONTROLLER_PULL_SECRET_MISSING: {
      cause: "The registry wants credentials, and the Secret with them is neither in the fleet's namespace nor in `frota-system`.",
      remedy: "Create it in the fleet's namespace (`frota doctor` says how) and run `frota controller install` again, which copies it.",
    },
    CONTROLLER_STILL_THERE: {
      cause: "`--crds` deletes what controllers live on, and one still runs: of another fleet, or outside of the cluster.",
      remedy: "Uninstall the controllers of all fleets first; end a `frota controller run` in a terminal, or wait until its Lease has expired.",
    },
    DECLARATION_GONE: {
      cause: "While the controller worked on the agent, its Agent resource was deleted or became invalid. The objects stay as they were.",
      remedy: "Meant: nothing to do. Not meant: mend agent.yaml or fleet.yaml, `frota check`, then apply.",
    },
    FLEET_ABSENT: {
      cause: "The namespace has no Fleet resource that could be paused, frozen or suspended.",
      remedy: "`frota apply` writes it; or name the fleet's namespace with `-n`.",
    },
    FLEET_MISSING: {
      cause: "There is no Fleet: the repository has no fleet.yaml, or the namespace that a controller shall serve has no Fleet resource.",
      remedy: "In a repository: write fleet.yaml at its root. For a controller: `frota apply`, or name another namespace with `-n`.",
    },
    FLEET_STALLED: {
      cause: "`frota controller run --until-settled` found agents that get no further by themselves; they are named.",
      remedy: "`frota status` shows each one's reason. Mend it, then apply again.",
    },
    FLEET_SUSPENDED: {
      cause: "Something was asked of the fleet's rollouts, and the controller leaves the whole fleet as it is: it is suspended. Nothing was asked.",
      remedy: "`frota resume --all` ends a suspension that a person asked for; one that fleet.yaml declares (`spec.suspend`) ends there. Then ask again.",
    },
    NOT_FROZEN: {
      cause: "`frota freeze --end`, and nobody asked for a freeze. A window of fleet.yaml (`spec.disruption.freezes`) may be on all the same: no command ends that.",
      remedy: "Wait for the window's end, or take it out of fleet.yaml and `frota apply`. `frota status` shows what holds the fleet.",
    },
    NOT_OPERATED: {
      cause: "The command speaks to the controller, and this cluster has none of Frota's resource definitions: the fleet runs in the plain way.",
      remedy: "`frota controller install` makes it operated; nobody restarts for it. In the plain way use `frota restart` and `frota apply`.",
    },
    NOT_SUSPENDED: {
      cause: "`frota resume`, and nobody suspended these agents by request. Git may suspend them all the same (`spec.suspend`): no command ends that.",
      remedy: "Take `spec.suspend` out of agent.yaml or fleet.yaml and apply. A paused rollout goes on with `frota rollout resume`.",
    },
    NO_CONTROLLER: {
      cause: "The cluster has Fleet and Agent resources, and no live controller holds the Lease for this namespace: changes wait (exit code 7). Agents run on.",
      remedy: "`frota controller status` says whether it is installed and who held the Lease last. `frota controller run` does its work in the foreground meanwhile.",
    },
    OPERATION_UNANSWERED: {
      cause: "The request is on the resource, and no controller acknowledged it in time.",
      remedy: "`frota controller status` shows whether one is live. Do not ask twice: the request stays, and is carried out when it can be.",
    },
    PERMIT_GONE: {
      cause: "Between decision and write, the ledger (ConfigMap `frota-disruptions`) no longer let this agent be restarted: another replica, a person, or a freeze was faster. That is the ledger doing its work.",
      remedy: "Nothing: the controller decides anew by itself.",
    },
    REQUEST_WITHOUT_EFFECT: {
      cause: "There is nothing to act on: an abort with nothing under way, an undo without an image before, a pause of what is paused. Nothing was asked of the controller.",
      remedy: "The message says what there is, and what would help instead; `frota rollout status` shows the rest.",
    },
    REMOVAL_HELD: {
      cause: "Agents run that nobody declares any more, in a way that is mostly a slip: all Agent resources vanished at once, or their definition was deleted or made anew. The controller removes nothing then.",
      remedy: "A slip: `frota apply`, and nobody restarts. Meant: `frota delete clovis` for each. Volumes stay in any case.",
    },
  },
};
