import type { TestProject } from "vitest/node";
import { acquireAll } from "./binaries.ts";
import { startControlPlane } from "./control-plane.ts";
import { installCustomResources } from "./custom-resources.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Kubeconfig of a cluster administrator on the control plane that all API tests share. */
    readonly kubeconfig: string;
  }
}

/** One control plane for all test files; each makes a namespace of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await acquireAll();
  const controlPlane = await startControlPlane();
  await installCustomResources(controlPlane.kubeconfig);
  project.provide("kubeconfig", controlPlane.kubeconfig);
  return () => controlPlane.stop();
}
