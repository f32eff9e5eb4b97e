import { buildApplication, buildRouteMap, run, text_en } from "@stricli/core";
import { commandAt } from "./command-path.ts";
import { adoptCommand } from "./commands/adopt.ts";
import { applyCommand } from "./commands/apply.ts";
import { chatCommand } from "./commands/chat.ts";
import { checkCommand } from "./commands/check.ts";
import { completionCommand } from "./commands/completion.ts";
import { controllerInstallCommand } from "./commands/controller-install.ts";
import { controllerRunCommand } from "./commands/controller-run.ts";
import { controllerStatusCommand } from "./commands/controller-status.ts";
import { controllerUninstallCommand } from "./commands/controller-uninstall.ts";
import { deleteCommand } from "./commands/delete.ts";
import { diffCommand } from "./commands/diff.ts";
import { driftCommand } from "./commands/drift.ts";
import { imageBuildCommand } from "./commands/image-build.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { eventsCommand } from "./commands/events.ts";
import { freezeCommand } from "./commands/freeze.ts";
import { imageCheckCommand } from "./commands/image-check.ts";
import { imageDigestCommand } from "./commands/image-digest.ts";
import { imageRefreshCommand } from "./commands/image-refresh.ts";
import { initCommand } from "./commands/init.ts";
import { labDownCommand } from "./commands/lab-down.ts";
import { labKubeconfigCommand } from "./commands/lab-kubeconfig.ts";
import { labStatusCommand } from "./commands/lab-status.ts";
import { labUpCommand } from "./commands/lab-up.ts";
import { logsCommand } from "./commands/logs.ts";
import { newCommand } from "./commands/new.ts";
import { openCommand } from "./commands/open.ts";
import { planCommand } from "./commands/plan.ts";
import { renderCommand } from "./commands/render.ts";
import { restartCommand } from "./commands/restart.ts";
import { resumeCommand } from "./commands/resume.ts";
import { rolloutAbortCommand } from "./commands/rollout-abort.ts";
import { rolloutPauseCommand } from "./commands/rollout-pause.ts";
import { rolloutResumeCommand } from "./commands/rollout-resume.ts";
import { rolloutStartCommand } from "./commands/rollout-start.ts";
import { rolloutStatusCommand } from "./commands/rollout-status.ts";
import { rolloutUndoCommand } from "./commands/rollout-undo.ts";
import { secretsListCommand } from "./commands/secrets-list.ts";
import { secretsSetCommand } from "./commands/secrets-set.ts";
import { secretsStatusCommand } from "./commands/secrets-status.ts";
import { shellCommand } from "./commands/shell.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { suspendCommand } from "./commands/suspend.ts";
import { versionCommand } from "./commands/version.ts";
import type { CliContext, Output } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { errorText, isInterruption, writeError } from "./error-text.ts";
import { helpText, PAGE_WIDTH } from "./help-text.ts";
import { misuseText } from "./misuse.ts";
import { asksForOverview, overviewText } from "./overview.ts";
import { FrotaError } from "../spec/error.ts";
import packageJson from "../../package.json" with { type: "json" };

const lab = buildRouteMap({
  routes: { up: labUpCommand, down: labDownCommand, status: labStatusCommand, kubeconfig: labKubeconfigCommand },
  docs: { brief: "The lab: a whole cluster on this machine" },
});

const secrets = buildRouteMap({
  routes: { set: secretsSetCommand, list: secretsListCommand, status: secretsStatusCommand },
  docs: { brief: "Agents' secrets, from Vault into their processes" },
});

const image = buildRouteMap({
  routes: { build: imageBuildCommand, digest: imageDigestCommand, check: imageCheckCommand, refresh: imageRefreshCommand },
  docs: { brief: "The image that agents run" },
});

const controller = buildRouteMap({
  routes: { run: controllerRunCommand, install: controllerInstallCommand, status: controllerStatusCommand, uninstall: controllerUninstallCommand },
  docs: { brief: "The controller that reconciles a fleet" },
});

const rollout = buildRouteMap({
  routes: {
    status: rolloutStatusCommand,
    start: rolloutStartCommand,
    pause: rolloutPauseCommand,
    resume: rolloutResumeCommand,
    abort: rolloutAbortCommand,
    undo: rolloutUndoCommand,
  },
  docs: { brief: "How a new image reaches the agents, wave after wave" },
});

const PURPOSE = "Fleets of OpenClaw agents on Kubernetes: image, configuration, secrets, memory.";

const routes = buildRouteMap({
  routes: {
    start: startCommand,
    lab,
    init: initCommand,
    new: newCommand,
    check: checkCommand,
    render: renderCommand,
    diff: diffCommand,
    plan: planCommand,
    drift: driftCommand,
    adopt: adoptCommand,
    apply: applyCommand,
    status: statusCommand,
    logs: logsCommand,
    events: eventsCommand,
    restart: restartCommand,
    delete: deleteCommand,
    rollout,
    freeze: freezeCommand,
    suspend: suspendCommand,
    resume: resumeCommand,
    chat: chatCommand,
    shell: shellCommand,
    open: openCommand,
    secrets,
    image,
    controller,
    doctor: doctorCommand,
    explain: explainCommand,
    completion: completionCommand,
    version: versionCommand,
  },
  docs: { brief: PURPOSE },
});

/** In front of a command line it makes no command run: it tells what the last word can become. Scripts of shells and of kubectl ask so. */
export const COMPLETE = "__complete";

/** The whole command line; the reference in docs/ is generated from it. */
export const application = applicationNamed("frota", []);

/** The same under another name, which usage lines begin with (kubectl calls its plug-in `kubectl frota`), for the command that is to run. */
function applicationNamed(name: string, command: readonly string[]) {
  return buildApplication<CliContext>(routes, {
    name,
    versionInfo: { currentVersion: packageJson.version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true, useAliasInUsageLine: true, onlyRequiredInUsageLine: true },
    localization: { text: { ...text_en, ...misuseText([name, ...command].join(" ")), exceptionWhileRunningCommand: (error) => errorText(error).trimEnd() } },
    determineExitCode,
  });
}

function determineExitCode(error: unknown): number {
  if (isInterruption(error)) return EXIT.interrupted;
  return error instanceof FrotaError ? exitCodeOf(error) : EXIT.failed;
}

function overview(program: string, output: Output): string {
  const entries = routes.getAllEntries().map(({ name, target }) => ({ name: name.original, brief: target.brief }));
  return overviewText(entries, { program, purpose: PURPOSE }, output);
}

/** `help COMMAND`, as many programs have it, is `COMMAND --help`; `-ojson` and `-o=json`, as kubectl takes them, are `-o json`. */
function commandLineOf(argv: readonly string[]): readonly string[] {
  if (argv[0] === "help") return [...argv.slice(1), "--help"];
  const end = argv.indexOf("--");
  return argv.flatMap((word, index) => {
    const format = end === -1 || index < end ? /^-o=?((?:json|yaml|name|wide)$|jsonpath=.+)/.exec(word)?.[1] : undefined;
    return format === undefined ? [word] : ["-o", format];
  });
}

/** Help about the command that these words name, as `--help` prints it on a screen of so many columns. */
export function helpOf(words: readonly string[], help: string, columns = PAGE_WIDTH): string {
  const command = commandAt(routes, words);
  return helpText(help, command.words.length === 0 ? undefined : command.brief, columns);
}

async function runCommand(program: string, argv: readonly string[], context: CliContext): Promise<void> {
  const app = applicationNamed(program, commandAt(routes, argv).words);
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  // A group of commands without one of them prints its help as well.
  if (!commandAt(routes, own).isGroup && !own.includes("--help") && !own.includes("-h")) return run(app, argv, context);
  const { stdout } = context.process;
  const write = (text: string) => stdout.write(text.startsWith("USAGE\n") ? helpOf(argv, text, stdout.columns) : text);
  const process = { ...context.process, stdout: { write } };
  await run(app, argv, { ...context, process });
  context.process.exitCode = process.exitCode;
}

/** Runs one command line in-process and returns its exit code. Never throws: failures are told on `stderr`. */
export async function runFrota(argv: readonly string[], context: CliContext): Promise<number> {
  try {
    const program = context.process.env["FROTA_PROGRAM"];
    if (argv[0] === COMPLETE) await (await import("./completion/complete.ts")).complete(argv.slice(1), application, context);
    else if (asksForOverview(argv)) context.process.stdout.write(overview(program ?? "frota", context.process.stdout));
    else await runCommand(program ?? "frota", commandLineOf(argv), context);
  } catch (error) {
    writeError(error, context.process.stderr);
    return EXIT.failed;
  }
  const code = context.process.exitCode ?? EXIT.ok;
  // Stricli's own codes for misuse are negative; ours is 2.
  return code < 0 ? EXIT.usage : code;
}
