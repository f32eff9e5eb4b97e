import { execa } from "execa";
import { enter } from "../../src/lab/sandbox/sandbox.ts";
import { eventually, kubectlOn, layoutOf, recordOf } from "./lab.ts";

/** A volume claim of a lab. */
export interface Claim {
  readonly lab: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Runs a shell script with `$volume` as the folder where a pod has the claim's volume mounted, and returns what it prints.
 * From beside the containers, so that it needs none that runs. Waits until a pod has the volume; throws with the pods'
 * description when none gets it.
 */
export async function onVolume(claim: Claim, script: string): Promise<string> {
  const { lab, namespace, name } = claim;
  try {
    return await eventually(`a pod's volume of claim ${name} in lab ${lab}`, 120, () => tryOnVolume(claim, script).catch(() => undefined));
  } catch (cause) {
    const said = await kubectlOn(lab, ["describe", "pods", "-n", namespace]).catch(String);
    throw new Error(`no pod gets the volume of claim ${name}:\n${said}`, { cause });
  }
}

async function tryOnVolume({ lab, namespace, name }: Claim, script: string): Promise<string> {
  const volume = await kubectlOn(lab, ["get", "pvc", name, "-n", namespace, "-o", "jsonpath={.spec.volumeName}"]);
  const [program = "", ...prefix] = enter((await recordOf(lab)).init);
  const find = `volume=$(findmnt --list --noheadings --output TARGET | grep '^${layoutOf(lab).data}/kubelet/pods/.*/${volume}$' | head -n 1); test -n "$volume"`;
  const { stdout } = await execa(program, [...prefix, "sh", "-c", `${find} && { ${script}; }`]);
  return stdout;
}
