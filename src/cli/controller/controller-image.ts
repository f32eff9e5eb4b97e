import { join } from "node:path";
import packageJson from "../../../package.json" with { type: "json" };
import type { BuiltImage } from "../../lab/image/build-image.ts";
import type { LabRun } from "../../lab/lab-run.ts";
import { labLayout, labName } from "../../lab/layout.ts";
import type { Step } from "../../lab/steps.ts";
import type { Fleet } from "../../spec/fleet.ts";
import type { CliContext } from "../context.ts";
import { resolveTarget, type RegistryTarget } from "../target/target.ts";

type Environment = CliContext["process"]["env"];

/** Where the controller's images are, beside the agents': `registry.digitalocean.com/digitalsys/frota-controller`. */
function controllerRepository(fleet: Fleet): string {
  return fleet.spec.image.repository.replace(/[^/]+$/, "frota-controller");
}

/** The controller's image of this version, by its tag. */
export function controllerImage(fleet: Fleet): string {
  return `${controllerRepository(fleet)}:${packageJson.version}`;
}

/** Brings the controller's image into the registry of the lab that comes up. */
export function controllerImageStep(run: LabRun, fleet: Fleet, env: Environment): Step {
  return {
    id: "controller-image",
    title: "Build the controller's image",
    needs: ["registry", "packages"],
    run: async (progressing) => {
      const { registry } = await resolveTarget({}, env);
      const logFile = join(run.layout.logs, "controller-image.log");
      const image = await buildForLab(fleet, registry, { env, logFile, ...progressing });
      return `${image.outcome}, ${image.digest.slice(0, 19)}`;
    },
  };
}

/** Brings the controller's image into a running lab's registry, if it is not there. */
export async function buildControllerInLab(context: CliContext, fleet: Fleet, registry: RegistryTarget): Promise<BuiltImage> {
  const { env, stderr } = context.process;
  const logFile = join(labLayout(labName(env), env).logs, "controller-image.log");
  const progress = (text: string) => stderr.write(`  ${text}\n`);
  return buildForLab(fleet, registry, { env, logFile, signal: context.signal, progress });
}

interface Surroundings {
  readonly env: Environment;
  readonly logFile: string;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

async function buildForLab(fleet: Fleet, { mirrors, credentials }: RegistryTarget, around: Surroundings): Promise<BuiltImage> {
  const { buildControllerImage } = await import("../../lab/image/controller-image.ts");
  const workshop = { ...around, folder: join(labLayout(labName(around.env), around.env).cache, "images") };
  const registry = { mirrors, credentials: () => Promise.resolve(credentials), signal: around.signal };
  return buildControllerImage(workshop, { repository: controllerRepository(fleet), registry });
}
