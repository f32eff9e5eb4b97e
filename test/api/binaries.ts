import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

/** The programs of a control plane. */
export type ControlPlaneProgram = "etcd" | "kube-apiserver" | "kube-controller-manager";

/**
 * Paths of the control plane's programs. The binary holds all of them and goes by the name that it is called by.
 * FROTA_HYPERKUBE names another one.
 */
export async function controlPlaneBinaries(folder: string): Promise<(program: ControlPlaneProgram) => string> {
  const binary = process.env["FROTA_HYPERKUBE"];
  if (binary === undefined) throw new Error("set FROTA_HYPERKUBE to a binary with etcd and Kubernetes' control plane");
  await mkdir(folder, { recursive: true });
  const programs = ["etcd", "kube-apiserver", "kube-controller-manager"];
  await Promise.all(programs.map((program) => symlink(binary, join(folder, program))));
  return (program) => join(folder, program);
}
