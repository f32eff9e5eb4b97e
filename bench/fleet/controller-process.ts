import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { renderController } from "../../src/render/controller.ts";
import { mapsAt, textAt } from "../../src/spec/plain-field.ts";
import type { BenchLab } from "./bench-lab.ts";
import { BENCH } from "./generated-fleet.ts";
import { processUsage, type ProcessUsage } from "./process-usage.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** A controller under measurement. */
export class ControllerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `frota controller run` as its own user, and waits until it says that it is ready. */
  static async start(lab: BenchLab, gateway: string): Promise<ControllerProcess> {
    const log = openSync(join(lab.run.layout.data, "bench", "controller.log"), "a");
    const address = `127.0.0.1:${await freePort()}`;
    const profile = process.env["BENCH_CPU_PROFILE"];
    const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
    // A profile of the bundle names nothing.
    const program = profile === undefined ? join(ROOT, "dist", "frota.js") : join(ROOT, "src", "cli", "main.ts");
    const argv = [...flags, program, "controller", "run", "--namespace", BENCH, "--address", address];
    const env = { ...process.env, KUBECONFIG: lab.kubeconfig, FROTA_CONTEXT: BENCH, FROTA_GATEWAY_ADDRESS: gateway, NODE_OPTIONS: nodeOptions() };
    const child = spawn(process.execPath, argv, { stdio: ["ignore", log, log], env });
    await once(child, "spawn");
    const controller = new ControllerProcess(child);
    await controller.#ready(address);
    return controller;
  }

  usage(): Promise<ProcessUsage> {
    return processUsage(this.#child.pid ?? 0);
  }

  /** Ends it as Kubernetes does, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }

  async #ready(address: string): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error("the controller ended; see bench/controller.log in the lab's data");
      const answer = await fetch(`http://${address}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      await delay(100);
    }
  }
}

/** As in the cluster. */
function nodeOptions(): string | undefined {
  const deployment = renderController({ fleetNamespace: BENCH, image: "" }).find(({ kind }) => kind === "Deployment");
  const [container] = mapsAt(deployment, "spec", "template", "spec", "containers");
  return textAt(
    mapsAt(container, "env").find(({ name }) => name === "NODE_OPTIONS"),
    "value",
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  server.close();
  return typeof bound === "object" && bound ? bound.port : 0;
}
