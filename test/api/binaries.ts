import { acquire } from "../../src/lab/components/acquire.ts";
import type { AcquireContext } from "../../src/lab/components/component.ts";

/** The programs of a control plane, and kubectl. */
export type ControlPlaneProgram = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl";

/** What acquiring a component needs, when a test asks for it. */
export const ACQUIRE_CONTEXT: AcquireContext = {
  progress: () => undefined,
  signal: new AbortController().signal,
  env: process.env,
};

/** Gets what the tests run, however long building it takes on a new machine: a test's own time does not hold that. */
export async function acquireAll(): Promise<void> {
  await Promise.all((["kubernetes", "external-secrets", "vault"] as const).map((name) => acquire(name, ACQUIRE_CONTEXT)));
}

/** Paths of the control plane's programs: those that the lab runs. */
export async function controlPlaneBinaries(): Promise<(program: ControlPlaneProgram) => string> {
  const { files } = await acquire("kubernetes", ACQUIRE_CONTEXT);
  return (program) => {
    const path = files[program];
    if (path === undefined) throw new Error(`the component kubernetes has no ${program}`);
    return path;
  };
}
