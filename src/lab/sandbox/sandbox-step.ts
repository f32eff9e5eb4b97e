import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LabRun } from "../lab-run.ts";
import { connectNetwork, type LabNetwork } from "./network.ts";
import { isLabRunning, readLabRecord, type LabRecord } from "../record.ts";
import { killSandbox, removeCgroups, startSandbox, type InitProcess } from "./sandbox.ts";
import { MODEL_PORT, registryPasswordFile, REGISTRY_PORT, REGISTRY_USER } from "../services/service-steps.ts";
import type { Step } from "../steps.ts";
import { vaultTokenFile } from "../services/vault-files.ts";
import { VAULT_PORT } from "../services/vault-steps.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** Finds the lab's namespaces, or makes them, and joins them with the host. */
export function sandboxStep(run: LabRun): Step {
  return {
    id: "sandbox",
    title: "Open the lab's namespaces",
    needs: ["packages"],
    run: async () => {
      const record = await readLabRecord(run.layout);
      if (record && (await isLabRunning(record))) {
        run.init.set(record.init);
        run.network.set({ hostAddress: record.hostAddress, labAddress: record.address, hostInterface: record.hostInterface });
        return `found, at ${record.address}`;
      }
      const { network } = await makeSandbox(run);
      return `made, at ${network.labAddress}`;
    },
  };
}

async function makeSandbox(run: LabRun): Promise<{ init: InitProcess; network: LabNetwork }> {
  const { layout, signal } = run;
  await mkdir(layout.data, { recursive: true, mode: 0o700 });
  await removeCgroups(layout.name);
  const init = await startSandbox(layout, signal);
  try {
    const network = await connectNetwork(layout.name, init.pid);
    await writeRecord(run, init, network);
    run.init.set(init);
    run.network.set(network);
    return { init, network };
  } catch (error) {
    await killSandbox(init, signal);
    throw error;
  }
}

async function writeRecord({ layout }: LabRun, init: InitProcess, network: LabNetwork): Promise<void> {
  const { labAddress: address, hostAddress, hostInterface } = network;
  const record: LabRecord = {
    name: layout.name,
    init,
    address,
    hostAddress,
    hostInterface,
    kubeconfig: layout.kubeconfig,
    vault: {
      address: `https://${address}:${VAULT_PORT}`,
      tokenFile: vaultTokenFile(layout),
      caFile: join(layout.certificates, "ca.crt"),
    },
    registry: {
      address: `http://${address}:${REGISTRY_PORT}`,
      username: REGISTRY_USER,
      passwordFile: registryPasswordFile(layout),
    },
    modelServer: { address, port: MODEL_PORT },
  };
  // A killed `up` leaves the old record or the new one.
  await writeFileAtomic(layout.record, `${JSON.stringify(record, undefined, 2)}\n`);
}
