import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { parse } from "yaml";
import type { Manifest } from "../../src/render/manifest.ts";
import { auditPosition } from "./audit-log.ts";
import { benchLab, runControllers, runExternalSecrets, type BenchLab } from "./bench-lab.ts";
import { measureReactions, measureRotation } from "./changes.ts";
import { ControllerProcess } from "./controller-process.ts";
import { FleetObserver } from "./fleet-observer.ts";
import { measureFloor } from "./floor.ts";
import { generateFleet, type GeneratedFleet } from "./generated-fleet.ts";
import { fakeNodes, startKwok } from "./kwok.ts";
import { measureOperated, measureResync } from "./operated.ts";
import type { FleetFigures } from "./report.ts";
import { loadNow } from "./load.ts";
import { clearNamespace, prepareNamespace } from "./stage.ts";
import { startGateway } from "./stand-in-gateway.ts";
import { startRegistry } from "./stand-in-registry.ts";
import { bindVolumes } from "./volume-binder.ts";

/** Up to so many agents get their Secrets through External Secrets. */
const FEW = 200;

/** What to measure of one fleet. */
export interface Measurement {
  readonly agents: number;
  /** The bare client. */
  readonly floor: boolean;
  /** The controller. */
  readonly operated: boolean;
  /** As for a large fleet: Secrets written directly. */
  readonly direct: boolean;
  /** Leaves the controller manager as it is everywhere; its limits are most of what is measured then. */
  readonly usualLimits: boolean;
  /** For a large fleet: restart, changes of single agents, and a rotation of all secrets as well. */
  readonly changes: boolean;
}

/** A lab with fake nodes on which fleets are measured, one after another. */
export interface Bench {
  measure(measurement: Measurement): Promise<FleetFigures>;
  close(): Promise<void>;
}

/** Brings up everything that is not measured. */
export async function openBench(report: (text: string) => void): Promise<Bench> {
  const abort = new AbortController();
  const [registry, gateway] = await Promise.all([startRegistry(), startGateway()]);
  const { repository, digest } = registry;
  const lab = await benchLab(generateFleet({ agents: 1, repository }).source.fleet, (event) => {
    if (event.type === "failed") report(`${event.step.title}: ${String(event.error)}`);
  }, abort.signal);
  await lab.administrator.createAll(fakeNodes(), [409]);
  const kwok = await startKwok(lab.run.layout, digest, abort.signal);
  const stands: Stands = { lab, report, gateway, registry };
  return {
    measure: (measurement) => measure(stands, measurement),
    async close() {
      const ended = once(kwok, "exit");
      kwok.kill();
      await ended;
      for (const client of [lab.client, lab.administrator, lab.cluster, gateway, registry]) client.close();
    },
  };
}

interface Stands {
  readonly lab: BenchLab;
  readonly report: (text: string) => void;
  readonly gateway: Awaited<ReturnType<typeof startGateway>>;
  readonly registry: Awaited<ReturnType<typeof startRegistry>>;
}

async function measure(stands: Stands, measurement: Measurement): Promise<FleetFigures> {
  const { lab, report } = stands;
  const { agents, direct, usualLimits } = measurement;
  const isFew = agents <= FEW && !direct;
  report(`${agents} agents: preparing`);
  await applyDefinitions(lab);
  await runControllers(lab, usualLimits);
  // What it has seen, only it can let go of.
  await runExternalSecrets(lab, true);
  await clearNamespace(lab);
  await runExternalSecrets(lab, isFew);
  const unbind = usualLimits ? undefined : bindVolumes(lab);
  try {
    return await measureFleet(stands, measurement, isFew);
  } finally {
    unbind?.();
  }
}

async function measureFleet(stands: Stands, { agents, floor, operated, changes }: Measurement, isFew: boolean): Promise<FleetFigures> {
  const { lab, report, registry } = stands;
  const maxDisrupted = Math.max(1, Math.floor(agents / 10));
  const fleet = generateFleet({ agents, repository: registry.repository, maxDisrupted });
  const begin = async () => {
    await clearNamespace(lab);
    await prepareNamespace(lab, fleet, isFew ? "external-secrets" : "direct");
  };
  const figures: FleetFigures = { maxDisrupted };
  if (floor) {
    await begin();
    report("measuring the bare client");
    Object.assign(figures, { floor: await measureFloor(lab, fleet) });
  }
  if (!operated) return figures;
  report("preparing for the controller");
  await begin();
  const observer = new FleetObserver(lab.cluster);
  try {
    return { ...figures, ...(await measureController(stands, fleet, observer, changes && !isFew)) };
  } finally {
    observer.close();
  }
}

async function measureController(stands: Stands, fleet: GeneratedFleet, observer: FleetObserver, changes: boolean): Promise<Omit<FleetFigures, "floor" | "maxDisrupted">> {
  const { lab, report, gateway, registry } = stands;
  const before = { registry: registry.requests(), gateway: gateway.requests() };
  const load = loadNow();
  let controller = await ControllerProcess.start(lab, gateway.address);
  try {
    report("measuring the controller");
    const operated = await measureOperated(lab, fleet, controller, observer);
    const outside = { registry: registry.requests() - before.registry, gateway: gateway.requests() - before.gateway };
    if (!changes) return { operated, outside, load };
    report("restarting the controller");
    await controller.stop();
    const position = await auditPosition(lab.auditLog);
    controller = await ControllerProcess.start(lab, gateway.address);
    const resync = await measureResync(lab, position);
    report("changing single agents");
    const reactions = await measureReactions(lab, fleet, 5);
    report("changing all secrets");
    return { operated, outside, load, resync, reactions, rotation: await measureRotation(lab, fleet, observer) };
  } finally {
    await controller.stop();
  }
}

async function applyDefinitions(lab: BenchLab): Promise<void> {
  for (const file of ["fleets.yaml", "agents.yaml"]) {
    const definition: Manifest = parse(await readFile(join(import.meta.dirname, "..", "..", "schemas", "crds", file), "utf8"));
    await lab.cluster.apply(definition);
  }
}
