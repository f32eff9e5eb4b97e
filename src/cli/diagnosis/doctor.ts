import { checkCluster } from "../../engine/doctor/cluster-checks.ts";
import { checkImages } from "../../engine/doctor/image-checks.ts";
import { checkVault, type ExaminedVault } from "../../engine/doctor/vault-checks.ts";
import { THIS_PLATFORM, wayToLab } from "../../lab/machine/platform.ts";
import type { Prerequisite } from "../../plan/prerequisite.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext, Output } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { withFleet } from "../target/fleet-session.ts";
import { imageReader } from "../target/fleet-readers.ts";
import { chosenLab } from "../lab/lab-actions.ts";
import { lineLimit } from "../terminal/line-limit.ts";
import { painter, type Paint } from "../terminal/paint.ts";
import { secretAgent } from "../secrets/secret-actions.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { openVault } from "../target/vault-access.ts";
import { wrapText } from "../terminal/wrapped-text.ts";

/** Flags of `frota doctor`. */
export type DoctorFlags = ClusterFlags & { readonly output?: OutputFormat; readonly agent?: string };

/** Prerequisites of one kind. */
interface Section {
  readonly name: string;
  readonly checks: readonly Prerequisite[];
}

/** `frota doctor` */
export async function runDoctor(context: CliContext, flags: DoctorFlags): Promise<void> {
  const { stdout, env } = context.process;
  const isNamed = (flags.context ?? env["FROTA_CONTEXT"]) !== undefined;
  const sections = [
    ...(isNamed ? [] : [await labSection(context)]),
    ...(await clusterSections(context, flags, isNamed)),
  ];
  const checks = sections.flatMap((section) => section.checks);
  if (checks.some(({ status }) => status === "missing")) context.process.exitCode = EXIT.no;
  if (flags.output) return writeStructured(checks, flags.output, stdout);
  const paint = painter(stdout, env);
  stdout.write(sections.map((section) => sectionText(section, stdout, paint)).join("\n"));
  stdout.write(`\n${summary(checks)}\n`);
}

async function labSection(context: CliContext): Promise<Section> {
  const { readMachineFacts } = await import("../../lab/machine/machine-facts.ts");
  const { labPrerequisites } = await import("../../lab/machine/prerequisites.ts");
  const facts = await readMachineFacts(chosenLab(context, {}), context.process.env);
  return { name: "This machine, for the lab", checks: labPrerequisites(facts) };
}

/** A lab that is not up is no fault; a cluster that was named has to answer. */
async function clusterSections(context: CliContext, flags: DoctorFlags, isNamed: boolean): Promise<readonly Section[]> {
  try {
    return await withFleet(context, flags, [], async (session) => {
      const { target, cluster, source, namespace } = session;
      const agents = source.agents.map((agent) => secretAgent(source, agent));
      const vault = await openVault(context, target, source.fleet).catch(asFrotaError);
      const reader = imageReader(context, session);
      const [clusterChecks, vaultChecks, imageChecks] = await Promise.all([
        checkCluster({ cluster, source, namespace, now: new Date() }),
        checkVault(vault, agents),
        checkImages(source, reader),
      ]);
      return [
        { name: `Cluster: ${target.name}`, checks: clusterChecks },
        { name: "Vault and registry, from here", checks: [...vaultChecks, ...imageChecks] },
      ];
    });
  } catch (error) {
    const check = isNamed ? undefined : notLookedAt(error);
    if (check === undefined) throw error;
    return [{ name: "Cluster", checks: [check] }];
  }
}

/** What keeps a cluster from being looked at on a machine that is only to be tried: neither is a fault of the machine. */
function notLookedAt(error: unknown): Prerequisite | undefined {
  const code = error instanceof FrotaError ? error.code : undefined;
  if (code === "NO_CLUSTER") {
    return { id: "cluster.target", title: "Cluster", status: "unknown", detail: "the lab is not up, and no cluster is named", next: [wayToLab(THIS_PLATFORM), "name a cluster: `frota doctor --context NAME`"].filter(Boolean).join("; or ") };
  }
  if (code !== "NO_REPOSITORY") return undefined;
  return { id: "cluster.repository", title: "Fleet repository", status: "unknown", detail: "no fleet.yaml here or above says what a cluster must have", next: "go to the folder of a fleet repository; `frota init` writes a new one" };
}

function asFrotaError(error: unknown): FrotaError | ExaminedVault {
  if (error instanceof FrotaError) return error;
  throw error;
}

/** Columns below which a column of prose is worse than a long line. */
const NARROWEST = 30;

const COLORS = { ok: "green", warn: "yellow", missing: "red", unknown: "yellow" } as const;

/** On a terminal that is wide enough, what a check found is broken between words within its own column. */
function sectionText({ name, checks }: Section, output: Output, paint: Paint): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const margin = " ".repeat(width + 13);
  const room = lineLimit(output) - margin.length;
  const wrapped = (text: string) => (room < NARROWEST ? [text] : wrapText(text, room, "  ")).join(`\n${margin}`);
  const lines = checks.map(({ title, status, detail, next }) => {
    const advice = next === undefined || status === "ok" ? "" : `${margin}${wrapped(`next: ${next}`)}\n`;
    return `  ${paint(COLORS[status], status.padEnd(9))}${title.padEnd(width)}  ${wrapped(detail)}\n${advice}`;
  });
  return `${paint("bold", name)}\n${lines.join("")}`;
}

function summary(checks: readonly Prerequisite[]): string {
  const count = (status: Prerequisite["status"]) => checks.filter((check) => check.status === status).length;
  const missing = count("missing");
  const verdict = missing === 0 ? "Nothing that is needed is missing" : `${missing} needed ${missing === 1 ? "thing is" : "things are"} missing`;
  return `${verdict} (${count("ok")} ok, ${count("warn")} to look at, ${count("unknown")} unknown).`;
}
