import type { Fleet } from "../spec/fleet.ts";
import { controlPlaneSteps, nodeSteps } from "./cluster/cluster-steps.ts";
import { componentSteps } from "./component-steps.ts";
import { newLabRun, type LabRun } from "./lab-run.ts";
import type { LabLayout } from "./layout.ts";
import { lockLab } from "./lock.ts";
import { assertLabPossible, THIS_PLATFORM } from "./machine/platform.ts";
import { sandboxStep } from "./sandbox/sandbox-step.ts";
import { addOnSteps, modelServerStep, registrySteps } from "./services/service-steps.ts";
import { runSteps, type Step, type StepReporter } from "./steps.ts";
import { vaultSteps } from "./services/vault-steps.ts";

/** What `labUp` is to bring up. */
export interface UpOptions {
  readonly layout: LabLayout;
  /** The fleet that the lab is for: storage class, registry, Vault mount and role carry its names. */
  readonly fleet: Fleet;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: StepReporter;
  readonly signal: AbortSignal;
  /** Further steps that belong to the same run, for example building the image; they may need any step of the lab. */
  readonly further?: (run: LabRun) => readonly Step[];
}

/**
 * Brings the lab up, or finds it up: every step looks first at what is there. Killed at any moment, it goes on at the
 * next call. Throws the failure of the first step that failed.
 */
export async function labUp({ layout, fleet, env, report, signal, further }: UpOptions): Promise<LabRun> {
  assertLabPossible(THIS_PLATFORM);
  await using _lock = await lockLab(layout.name);
  const run = newLabRun(layout, signal);
  const steps = [...labSteps(run, fleet, env), ...(further?.(run) ?? [])];
  await runSteps(steps, report, signal);
  return run;
}

function labSteps(run: LabRun, fleet: Fleet, env: UpOptions["env"]): Step[] {
  return [
    ...componentSteps(run, env),
    sandboxStep(run),
    ...controlPlaneSteps(run),
    ...nodeSteps(run, fleet),
    ...registrySteps(run, fleet),
    ...vaultSteps(run, fleet),
    ...addOnSteps(run, fleet),
    modelServerStep(run),
  ];
}
