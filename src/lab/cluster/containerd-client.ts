import { runProgram } from "../components/programs.ts";
import { containerdSocket } from "./control-plane.ts";
import { enter, type InitProcess } from "../sandbox/sandbox.ts";

/** Runs `ctr` against the lab's containerd, among the images and containers of Kubernetes. Does not throw when it fails. */
export function containerdClient(init: InitProcess, ...argv: readonly string[]) {
  const [command = "", ...prefix] = enter(init);
  return runProgram(command, [...prefix, "ctr", "--address", containerdSocket, "--namespace", "k8s.io", ...argv], { reject: false });
}
