import { buildCommand } from "@stricli/core";
import { parseGatewayAccess } from "../../engine/operate/act/gateway-access.ts";
import { clusterFlags } from "../target/cluster-flags.ts";
import type { CliContext } from "../context.ts";
import type { ControllerRunFlags } from "../controller/controller-process.ts";

/** `frota controller run` */
export const controllerRunCommand = buildCommand<ControllerRunFlags, [], CliContext>({
  parameters: {
    flags: {
      ...clusterFlags,
      inCluster: { kind: "boolean", default: false, brief: "Connect as the service account of the pod that this runs in; needs -n" },
      untilSettled: { kind: "boolean", default: false, brief: "End as soon as the fleet is as declared" },
      gatewayAccess: {
        kind: "parsed",
        parse: parseGatewayAccess,
        optional: true,
        brief: "How to reach gateways: pod-ip (default in the cluster), port-forward (default elsewhere) or HOST:PORT (or FROTA_GATEWAY_ADDRESS)",
        placeholder: "way",
      },
      concurrency: { kind: "parsed", parse: parseCount, default: "16", brief: "Agents that are worked on at once", placeholder: "number" },
      address: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Where to serve /healthz, /readyz and /metrics (default: :8080 in the cluster, nowhere elsewhere)",
        placeholder: "host:port",
      },
      json: { kind: "boolean", default: false, brief: "Log JSON lines also outside of a cluster" },
    },
    aliases: { n: "namespace" },
  },
  docs: {
    brief: "Reconcile a fleet: in the cluster, or in the foreground",
    fullDescription: [
      "Brings the cluster to what the Agent and Fleet resources of one namespace declare, and keeps it there. One process acts at a time:",
      "others wait for its Lease. Ending it ends the writes under way and hands the Lease over; agents go on meanwhile.",
      "Exit code 0: ended, or the fleet is settled; 4: there is no Fleet; 5: only a person can help the fleet on.",
      "",
      "Examples:",
      "  frota controller run --until-settled",
      "  frota controller run --context production -n bots",
      "  frota controller run --in-cluster -n bots",
    ].join("\n"),
  },
  async loader() {
    const { runControllerCommand } = await import("../controller/controller-process.ts");
    return async function controllerRun(this: CliContext, flags: ControllerRunFlags) {
      await runControllerCommand(this, flags);
    };
  },
});

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 256) throw new RangeError(`not a number from 1 to 256: ${text}`);
  return count;
}
