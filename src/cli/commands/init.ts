import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { firstVolumeSizeFlag, optionalText, optionalTexts, textWithDefault } from "../scaffold/scaffold-flags.ts";
import { outputFlag } from "../terminal/structured-output.ts";
import type { InitFlags } from "../scaffold/fleet-choices.ts";

/** `frota init DIR` */
export const initCommand = buildCommand<InitFlags, [string?], CliContext>({
  parameters: {
    flags: {
      name: optionalText("name", "Name of the fleet (default: asked, else the folder's)"),
      namespace: optionalText("name", "Namespace of its agents (default: asked, else the fleet's name)"),
      image: optionalText("image", "Registry and path of the agents' image, without tag (default: asked)"),
      pullSecret: optionalTexts("name", "Secret that pulls the image; may be repeated (default: <fleet>-registry)"),
      publicImage: { kind: "boolean", default: false, withNegated: false, brief: "Anybody may pull the image: no pull secret" },
      nodePool: optionalText("name", "Node pool of the agents (default: asked, else the namespace)"),
      nodePoolLabel: textWithDefault("doks.digitalocean.com/node-pool", "label", "Node label that names a pool"),
      storageClass: textWithDefault("do-block-storage", "name", "Storage class of the agents' volumes"),
      vaultAddress: optionalText("url", "Vault as seen from inside the cluster (default: asked, else the Helm chart's)"),
      vaultMount: textWithDefault("kv", "mount", "Its KV version 2 mount"),
      vaultPath: textWithDefault("agents", "path", "Folder of the agents' secrets in it"),
      vaultRole: textWithDefault("agents", "name", "Its role for the fleet, of Kubernetes auth"),
      vaultCaConfigMap: optionalText("name", "ConfigMap with its certificate's authority, key ca.crt (default: vault-ca if it is in the cluster)"),
      model: textWithDefault("google/gemini-3.1-pro-preview", "model", "Model that the agents think with"),
      secret: optionalTexts("KEY", "Further key that every agent's secret must have; may be repeated"),
      agent: optionalTexts("name", "A first agent; may be repeated"),
      volumeSize: firstVolumeSizeFlag,
      canary: optionalTexts("name", "Agent that gets a new image first; may be repeated"),
      workflow: { kind: "boolean", default: true, brief: "Write the GitHub workflow that builds the image" },
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Ask nothing: take the defaults" },
      output: outputFlag,
    },
    aliases: { n: "namespace", o: "output", y: "yes" },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Folder of the new fleet; it need not be there (default: this one)", parse: String, placeholder: "dir", optional: true }],
    },
  },
  docs: {
    brief: "Write the repository of a new fleet",
    fullDescription: [
      "Writes fleet.yaml, the image's base/Dockerfile with the GitHub workflow that builds it, the rendered manifests, and a README;",
      "inside a Git repository the workflow goes to its root. On a terminal it asks for what no flag says; elsewhere it takes",
      "defaults. What is written passes `frota check`. It overwrites nothing, and writes everything or nothing.",
      "Exit code 0: written; 2: something is missing or not valid; 4: there is something already.",
      "",
      "Examples:",
      "  frota init fleet",
      "  frota init fleet --name acme --namespace agents --image registry.example.com/acme/openclaw-agent --node-pool agents \\",
      "    --storage-class fast --vault-address https://vault.example.com:8200 --agent Clóvis",
      "  frota init . --image registry.digitalocean.com/acme/openclaw-agent --yes -o json",
    ].join("\n"),
  },
  async loader() {
    const { initFleet } = await import("../scaffold/init-fleet.ts");
    return async function init(this: CliContext, flags: InitFlags, directory?: string) {
      await initFleet(this, flags, directory);
    };
  },
});
