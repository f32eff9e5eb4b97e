import { existsSync } from "node:fs";
import { labDown } from "../../lab/down.ts";
import { labLayout, labName, type LabLayout } from "../../lab/layout.ts";
import { isLabRunning, readLabRecord, type LabRecord } from "../../lab/record.ts";
import { THIS_PLATFORM, wayToLab } from "../../lab/machine/platform.ts";
import { labStatus } from "../../lab/status.ts";
import { labUp } from "../../lab/up.ts";
import { FrotaError } from "../../spec/error.ts";
import type { CliContext } from "../context.ts";
import { formatDuration } from "../terminal/duration.ts";
import { EXIT } from "../exit-code.ts";
import type { LabFlags } from "../target/lab-flags.ts";
import { readFleet } from "../target/read-fleet.ts";
import { stepView } from "../terminal/step-view.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";

/** The layout of the lab that a command means. */
export function chosenLab(context: CliContext, flags: Pick<LabFlags, "lab">): LabLayout {
  const { env } = context.process;
  return labLayout(flags.lab ?? labName(env), env);
}

/** `lab up` */
export async function bringLabUp(context: CliContext, flags: LabFlags): Promise<void> {
  const { env, stderr } = context.process;
  const layout = chosenLab(context, flags);
  const { source } = await readFleet(context.cwd, flags.repo);
  const began = performance.now();
  const view = stepView(stderr);
  try {
    await labUp({ layout, fleet: source.fleet, env, report: view.report, signal: context.signal });
  } finally {
    view.close();
  }
  stderr.write(`Lab ${layout.name} is up (${formatDuration(performance.now() - began)}). Next: ${nextCommands(layout, env).join(", ")}\n`);
}

/** With what makes them mean this lab where the environment means something else. */
function nextCommands({ name }: LabLayout, env: CliContext["process"]["env"]): string[] {
  return [
    ...(env["FROTA_CONTEXT"] === undefined ? [] : ["unset FROTA_CONTEXT"]),
    ...(name === labName(env) ? [] : [`export FROTA_LAB=${name}`]),
    "frota image build",
    "frota apply",
  ];
}

/** `lab down` */
export async function takeLabDown(context: CliContext, flags: { lab?: string; purge?: string }): Promise<void> {
  const { stderr } = context.process;
  const layout = chosenLab(context, flags);
  const hasData = existsSync(layout.data);
  const view = stepView(stderr);
  try {
    const { purge } = flags;
    await labDown({ layout, report: view.report, signal: context.signal, ...(purge === undefined ? {} : { purge }) });
  } finally {
    view.close();
  }
  const rest = hasData ? `Its data stays in ${layout.data}` : "It has no data";
  stderr.write(flags.purge === undefined ? `Lab ${layout.name} is down. ${rest}\n` : `Lab ${layout.name} is gone.\n`);
}

/** The record of the lab if it runs. Throws LAB_DOWN otherwise. */
export async function runningLab(context: CliContext, flags: Pick<LabFlags, "lab">): Promise<LabRecord> {
  const layout = chosenLab(context, flags);
  const record = await readLabRecord(layout);
  if (record && (await isLabRunning(record))) return record;
  throw new FrotaError({ code: "LAB_DOWN", message: `lab ${layout.name} is not running`, next: wayToLab(THIS_PLATFORM) ?? "a lab needs Linux" });
}

/** What follows: another user than root cannot see whether a lab runs. */
function notRunning(): string {
  const way = wayToLab(THIS_PLATFORM);
  if (way === undefined) return ": a lab needs Linux";
  return THIS_PLATFORM.userId === 0 ? ". Start it with: frota lab up" : `, as far as this user can see; ${way}`;
}

/** `lab status` */
export async function showLab(context: CliContext, flags: { lab?: string; output?: OutputFormat }): Promise<void> {
  const { stdout } = context.process;
  const status = await labStatus(chosenLab(context, flags));
  if (!status.running) context.process.exitCode = EXIT.no;
  if (flags.output) {
    await writeStructured(status, flags.output, stdout);
    return;
  }
  if (!status.running) {
    stdout.write(`Lab ${status.name} is not running${notRunning()}\n`);
    return;
  }
  const width = Math.max(...status.services.map((service) => service.name.length));
  const lines = status.services.map(
    (service) => `  ${service.name.padEnd(width)}  ${service.state}${service.seconds === undefined ? "" : ` ${formatDuration(service.seconds * 1000)}`}`,
  );
  stdout.write(`Lab ${status.name} runs at ${status.address}
  kubeconfig  ${status.kubeconfig}
  data        ${status.data}
  logs        ${status.logs}

Services
${lines.join("\n")}
`);
}
