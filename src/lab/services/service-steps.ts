import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { referenceOf } from "../../cluster/cluster.ts";
import type { Fleet } from "../../spec/fleet.ts";
import { fleetPrerequisites, hostedServiceObjects, hostedServices, storageClass } from "../cluster/cluster-objects.ts";
import { clientKubeconfig, NODE_NAME } from "../cluster/control-plane.ts";
import { demoValue } from "./demo-value.ts";
import { program, type LabRun } from "../lab-run.ts";
import { fileExists } from "../file-exists.ts";
import type { LabLayout } from "../layout.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { acceptsConnections } from "../probe.ts";
import { mirrorHost } from "../cluster/registry-mirrors.ts";
import type { Step } from "../steps.ts";
import { ensureService } from "./supervisor.ts";
import { VAULT_PORT } from "./vault-steps.ts";

/** Port of the lab's registry. */
export const REGISTRY_PORT = 5000;
/** User of the lab's registry. */
export const REGISTRY_USER = "frota";
/** Port of the stand-in model server. */
export const MODEL_PORT = 18900;
const PROVISIONER = "dobs.csi.digitalocean.com";

/** File with the password of the lab's registry; readable by root. */
export function registryPasswordFile(layout: LabLayout): string {
  return join(layout.data, "registry-password");
}

/** Registry host of an image repository: `registry.digitalocean.com` of `registry.digitalocean.com/digitalsys/agent`. */
function registryHost(repository: string): string {
  return repository.split("/")[0] ?? repository;
}

/** A registry with a password, which containerd asks instead of the fleet's own. */
export function registrySteps(run: LabRun, fleet: Fleet): Step[] {
  const { layout, signal } = run;
  return [
    {
      id: "registry",
      title: "Start the registry",
      needs: ["sandbox"],
      run: async () => {
        const address = run.network.get().labAddress;
        await writeRegistryFiles(layout, address);
        await mirrorHost(layout, registryHost(fleet.spec.image.repository), `http://${address}:${REGISTRY_PORT}`);
        const ready = () => acceptsConnections(address, REGISTRY_PORT);
        const argv = ["docker-registry", "serve", join(layout.data, "registry.json")];
        await ensureService(layout, { name: "registry", argv, ready }, signal);
        return `${address}:${REGISTRY_PORT}`;
      },
    },
  ];
}

async function writeRegistryFiles(layout: LabLayout, address: string): Promise<void> {
  const passwordFile = registryPasswordFile(layout);
  const htpasswd = join(layout.data, "registry.htpasswd");
  if (!(await fileExists(htpasswd))) {
    const password = demoValue();
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    const { stdout } = await execa("htpasswd", ["-niB", REGISTRY_USER], { input: password });
    await writeFile(htpasswd, `${stdout.trim()}\n`, { mode: 0o600 });
  }
  const configuration = {
    version: "0.1",
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: join(layout.data, "registry") }, delete: { enabled: true } },
    auth: { htpasswd: { realm: "frota-lab", path: htpasswd } },
    http: { addr: `${address}:${REGISTRY_PORT}` },
  };
  await writeFile(join(layout.data, "registry.json"), JSON.stringify(configuration));
}

/** Docker configuration with the lab registry's credentials, as an image pull secret holds it. */
async function registryDockerConfig(layout: LabLayout, host: string): Promise<string> {
  const password = (await readFile(registryPasswordFile(layout), "utf8")).trim();
  const auth = Buffer.from(`${REGISTRY_USER}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [host]: { username: REGISTRY_USER, password, auth } } });
}

/** Cluster DNS, volumes, network policies, External Secrets, and what the fleet finds in its namespace. */
export function addOnSteps(run: LabRun, fleet: Fleet): Step[] {
  return [dnsStep(run), storageStep(run, fleet), networkPolicyStep(run), externalSecretsStep(run), prerequisitesStep(run, fleet)];
}

function dnsStep(run: LabRun): Step {
  const { layout, signal } = run;
  return {
    id: "dns",
    title: "Start cluster DNS",
    needs: ["api-server", "coredns"],
    run: async () => {
      const address = run.network.get().labAddress;
      const corefile = `cluster.local:53 in-addr.arpa:53 {
  bind ${address}
  errors
  kubernetes {
    kubeconfig ${clientKubeconfig(layout, "admin")}
    pods insecure
  }
  cache 10
}
# There is nothing outside the machine.
.:53 {
  bind ${address}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
      await writeFile(join(layout.data, "Corefile"), corefile);
      const argv = [program(run, "coredns", "coredns"), "-conf", join(layout.data, "Corefile")];
      const ready = () => acceptsConnections(address, 53);
      await ensureService(layout, { name: "coredns", argv, ready }, signal);
      for (const service of hostedServices(address, VAULT_PORT)) {
        for (const manifest of hostedServiceObjects(service)) await run.cluster.get().apply(manifest);
      }
      return undefined;
    },
  };
}

function storageStep(run: LabRun, fleet: Fleet): Step {
  const { layout, signal } = run;
  return {
    id: "storage",
    title: `Serve storage class ${fleet.spec.storage.className}`,
    needs: ["api-server", "storage-provisioner"],
    run: async () => {
      await mkdir(layout.volumes, { recursive: true });
      const argv = [
        program(run, "storage-provisioner", "storage-provisioner"),
        `--kubeconfig=${clientKubeconfig(layout, "admin")}`,
        `--data=${layout.volumes}`,
        `--node=${NODE_NAME}`,
        `--provisioner=${PROVISIONER}`,
      ];
      const ready = () => fileExists(join(layout.volumes, "storage.ready"));
      await ensureService(layout, { name: "storage-provisioner", argv, ready }, signal);
      await run.cluster.get().apply(storageClass(fleet, PROVISIONER));
      return undefined;
    },
  };
}

function networkPolicyStep(run: LabRun): Step {
  const { layout, signal } = run;
  return {
    id: "network-policies",
    title: "Enforce network policies",
    needs: ["node", "network-policy"],
    run: async () => {
      const readyFile = join(layout.data, "network-policy.ready");
      const kubeconfig = clientKubeconfig(layout, "admin");
      const argv = [program(run, "network-policy", "network-policy"), `--kubeconfig=${kubeconfig}`, `--ready=${readyFile}`];
      await ensureService(layout, { name: "network-policy", argv, ready: () => fileExists(readyFile) }, signal);
      return undefined;
    },
  };
}

function externalSecretsStep(run: LabRun): Step {
  const { layout, signal } = run;
  return {
    id: "external-secrets-operator",
    title: "Start External Secrets",
    needs: ["dns", "node", "external-secrets"],
    run: async () => {
      await execa(program(run, "kubernetes", "kubectl"), [
        `--kubeconfig=${layout.kubeconfig}`,
        "apply",
        "--server-side",
        "--field-manager=frota-lab",
        "--force-conflicts",
        `--filename=${program(run, "external-secrets", "crds.yaml")}`,
      ]);
      // One reconcile at a time, its default, takes minutes for a fleet of hundreds: `frota doctor` asks for as much in production.
      const argv = [program(run, "external-secrets", "external-secrets"), "--concurrent=30", "--client-qps=200", "--client-burst=400"];
      const env = { KUBECONFIG: clientKubeconfig(layout, "external-secrets") };
      await ensureService(layout, { name: "external-secrets", argv, env }, signal);
      return undefined;
    },
  };
}

function prerequisitesStep(run: LabRun, fleet: Fleet): Step {
  const { layout } = run;
  return {
    id: "prerequisites",
    title: `Prepare namespace ${fleet.metadata.namespace}`,
    needs: ["api-server", "registry"],
    run: async () => {
      const authority = await readFile(join(layout.certificates, "ca.crt"), "utf8");
      const dockerConfig = await registryDockerConfig(layout, registryHost(fleet.spec.image.repository));
      const cluster = run.cluster.get();
      for (const manifest of fleetPrerequisites(fleet, authority, dockerConfig)) {
        // The namespace is the fleet's own: applying it again without its labels would take them away.
        if (manifest.kind === "Namespace" && (await cluster.get(referenceOf(manifest)))) continue;
        await cluster.apply(manifest);
      }
      return undefined;
    },
  };
}

/** The stand-in for the agents' model provider. */
export function modelServerStep(run: LabRun): Step {
  const { layout, signal } = run;
  return {
    id: "model-server",
    title: "Start the stand-in model",
    needs: ["sandbox"],
    run: async () => {
      const address = run.network.get().labAddress;
      const script = join(PACKAGE_ROOT, "lab", "model-server", "server.mjs");
      const argv = [process.execPath, script, address, String(MODEL_PORT)];
      const ready = () => acceptsConnections(address, MODEL_PORT);
      await ensureService(layout, { name: "model-server", argv, ready }, signal);
      return undefined;
    },
  };
}
