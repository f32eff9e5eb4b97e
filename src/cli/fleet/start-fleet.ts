import { join } from "node:path";
import type { LabRun } from "../../lab/lab-run.ts";
import { labLayout, labName } from "../../lab/layout.ts";
import type { Step } from "../../lab/steps.ts";
import { labUp } from "../../lab/up.ts";
import { FrotaError } from "../../spec/error.ts";
import type { CliContext } from "../context.ts";
import { controllerImageStep } from "../controller/controller-image.ts";
import { formatDuration } from "../terminal/duration.ts";
import { EXIT } from "../exit-code.ts";
import { readFleet, type FleetRepository } from "../target/read-fleet.ts";
import { stepView } from "../terminal/step-view.ts";
import { resolveTarget } from "../target/target.ts";

/** Seconds that each agent may take to become Ready: on a loaded machine OpenClaw's first start takes a minute. */
const AGENT_TIMEOUT = 600;

type Environment = CliContext["process"]["env"];

/** Flags of `frota start`. */
export interface StartFlags {
  readonly repo?: string;
  /** Without a controller: the agents' objects are applied as their files have them. */
  readonly plain: boolean;
}

/** Seconds until a replica of the controller holds the Lease. */
const CONTROLLER_TIMEOUT = 300;

/**
 * From nothing to a running fleet on this machine: the lab, the image, demo secrets, the agents. Every part looks first at
 * what is there, so that a second call takes seconds and one after a failure goes on. Throws LAB_NOT_MEANT, before anything, where the
 * environment names a cluster.
 */
export async function startFleet(context: CliContext, flags: StartFlags): Promise<void> {
  const { env, stderr, stdout } = context.process;
  const began = performance.now();
  refuseCluster(env);
  const repository = await readFleet(context.cwd, flags.repo);
  const layout = labLayout(labName(env), env);
  const view = stepView(stderr);
  try {
    await labUp({
      layout,
      fleet: repository.source.fleet,
      env,
      report: view.report,
      signal: context.signal,
      further: (run) => [
        // Images are built one after another, and the controller's takes seconds.
        ...(flags.plain ? [] : [controllerImageStep(run, repository.source.fleet, env), controllerStep(context, repository)]),
        imageStep(run, repository, env),
        secretsStep(context, repository),
      ],
    });
  } finally {
    view.close();
  }
  const { apply } = await import("./fleet-actions.ts");
  await apply(context, { repo: repository.root, forceConflicts: false, plain: flags.plain, timeout: AGENT_TIMEOUT }, []);
  const { showStatus } = await import("../status/status.ts");
  stdout.write("\n");
  await showStatus(context, { repo: repository.root, watch: false }, []);
  // All that was to be started is: an agent that a rollout moves just now is told, and no failure.
  context.process.exitCode = EXIT.ok;
  stdout.write(nextSteps(repository, env, performance.now() - began));
}

/** What follows the lab goes where every command goes: a demo value must never reach the Vault of a cluster that the shell happens to name. */
function refuseCluster(env: Environment): void {
  const cluster = env["FROTA_CONTEXT"];
  if (cluster === undefined) return;
  throw new FrotaError({
    code: "LAB_NOT_MEANT",
    message: `FROTA_CONTEXT names ${cluster}, and \`frota start\` is for the lab on this machine`,
    next: "unset FROTA_CONTEXT and run it again; or bring the fleet into that cluster: frota apply",
    outcome: "refused",
  });
}

function imageStep(run: LabRun, { root, source }: FleetRepository, env: Environment): Step {
  return {
    id: "image",
    title: "Build the agents' image",
    needs: ["registry", "packages"],
    run: async ({ progress, signal }) => {
      const { buildImage } = await import("../../lab/image/build-image.ts");
      const { registry } = await resolveTarget({}, env);
      const workshop = {
        folder: join(run.layout.cache, "images"),
        logFile: join(run.layout.logs, "image.log"),
        env,
        signal,
        progress,
      };
      const { repository, tag } = source.fleet.spec.image;
      const { mirrors, credentials } = registry;
      const image = await buildImage(workshop, {
        folder: join(root, "base"),
        repository,
        tags: [tag],
        registry: { mirrors, credentials: () => Promise.resolve(credentials), signal },
      });
      const base = image.base.substitute ? `; base: a substitute for ${image.base.reference}, because ${image.base.why}` : "";
      return `${image.outcome}, ${image.digest.slice(0, 19)}${base}`;
    },
  };
}

function controllerStep(context: CliContext, { root }: FleetRepository): Step {
  return {
    id: "controller",
    title: "Install the controller",
    needs: ["controller-image", "prerequisites", "network-policies", "dns"],
    run: async ({ progress, signal }) => {
      const { install } = await import("../controller/controller-installation.ts");
      const stderr = { write: (text: string) => progress(text.trim()) };
      const quiet = { ...context, signal, process: { ...context.process, stderr } };
      await install(quiet, { repo: root, replicas: 2, manifests: false, timeout: CONTROLLER_TIMEOUT });
      return "it holds the Lease";
    },
  };
}

/** Puts a random value into Vault for every required key that is not there. What is there is never touched. */
function secretsStep(context: CliContext, { source }: FleetRepository): Step {
  return {
    id: "demo-secrets",
    title: "Write demo secrets to Vault",
    needs: ["vault-access", "registry"],
    run: async () => {
      const { openVault, secretPath } = await import("../target/vault-access.ts");
      const { demoValue } = await import("../../lab/services/demo-value.ts");
      const { store } = await openVault(context, await resolveTarget({}, context.process.env), source.fleet);
      let written = 0;
      for (const { agent } of source.agents) {
        const path = secretPath(source.fleet, agent.metadata.name);
        const present = new Set((await store.keys(path))?.keys);
        for (const key of agent.spec.secrets.required.filter((required) => !present.has(required))) {
          await store.writeKey({ path, key, value: demoValue() });
          written += 1;
        }
      }
      return written === 0 ? "all there" : `${written} written`;
    },
  };
}

function nextSteps({ source }: FleetRepository, env: Environment, milliseconds: number): string {
  const [first] = source.agents;
  const name = first?.agent.metadata.name ?? "AGENT";
  const steps = [
    [`chat ${name} "Olá, quem é você?"`, "talk to an agent"],
    ["secrets status", "follow each secret from Vault to the process"],
    [`logs ${name} --follow`, "what it does"],
    ["diff", "after an edit: what changes, who restarts"],
    ["lab down", "end everything; all data stays"],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  const program = programName(env);
  const lines = steps.map(([command, about]) => `  ${program} ${command.padEnd(width)}  ${about}\n`);
  return `\n${source.agents.length} agents run on this machine (${formatDuration(milliseconds)}). Next:\n${lines.join("")}`;
}

/** What to type: who came by `npm start` or npx, in a checkout, has no `frota` on PATH, and in another folder npx would ask npm's registry. */
function programName(env: Environment): string {
  return env["FROTA_PROGRAM"] ?? (env["npm_execpath"] === undefined ? "frota" : "npx frota");
}
