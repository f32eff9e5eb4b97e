import { observeAgent } from "../../engine/doctor/observe-agent.ts";
import { unknownAgents } from "../../engine/apply/restart-agents.ts";
import { readNamespace } from "../../engine/observe/fleet-watch.ts";
import { agentNamesOf } from "../../engine/status/agent-status.ts";
import { diagnose, type Diagnosis } from "../../plan/diagnosis/diagnose.ts";
import type { AgentObservation } from "../../plan/diagnosis/observation.ts";
import { FrotaError } from "../../spec/error.ts";
import type { ClusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import { diagnosisText, withExactCommands } from "./diagnosis-text.ts";
import { EXIT } from "../exit-code.ts";
import { openNamespace, type NamespaceTarget } from "../target/namespace-target.ts";
import { painter } from "../terminal/paint.ts";
import { writeStructured, type OutputFormat } from "../terminal/structured-output.ts";
import { openMount } from "../target/vault-access.ts";

/** States in which there is nothing to mend. */
const NO_TROUBLE: ReadonlySet<Diagnosis["state"]> = new Set(["healthy", "starting", "stopped"]);

/** `frota doctor --agent NAME` */
export async function diagnoseAgent(context: CliContext, flags: ClusterFlags & { readonly output?: OutputFormat }, agent: string): Promise<void> {
  const { stdout, env } = context.process;
  const world = await openNamespace(context, flags);
  const { cluster, namespace, target } = world;
  const now = new Date();
  const openStore = (mount: string) => openMount(context, target, mount).then(({ store }) => store, asFrotaError);
  try {
    const observation = await observeAgent({ cluster, namespace, agent, openStore, now });
    await refuseUnknown(observation, world);
    const diagnosis = withExactCommands(diagnose(observation, now), target.kind === "context" ? target.name : undefined);
    if (!NO_TROUBLE.has(diagnosis.state)) context.process.exitCode = EXIT.no;
    if (flags.output) return await writeStructured(diagnosis, flags.output, stdout);
    stdout.write(diagnosisText(diagnosis, now, { paint: painter(stdout, env), columns: stdout.columns ?? 80 }));
  } finally {
    cluster.close();
  }
}

/** A name of which there is nothing, neither in the cluster nor in the repository. */
async function refuseUnknown({ agent, deployment, pod, claim }: AgentObservation, { cluster, namespace, declared }: NamespaceTarget): Promise<void> {
  const isAnywhere = declared.includes(agent) || [deployment, pod, claim].some(({ state }) => state !== "absent");
  if (isAnywhere) return;
  throw unknownAgents([agent], namespace, agentNamesOf(await readNamespace(cluster, namespace), declared));
}

function asFrotaError(error: unknown): FrotaError {
  if (error instanceof FrotaError) return error;
  throw error;
}
