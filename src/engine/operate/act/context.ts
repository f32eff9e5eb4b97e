import type { Cluster } from "../../../cluster/cluster.ts";
import type { RegistryOptions } from "../../../registry/client.ts";
import type { FleetCache } from "../fleet-cache.ts";
import type { Memory } from "../memory.ts";
import type { Announcer } from "./announce.ts";
import type { GatewayReader } from "./check-gateway.ts";

/** What acting needs. */
export interface ActContext {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly cache: FleetCache;
  readonly memory: Memory;
  readonly announcer: Announcer;
  readonly gateways: GatewayReader;
  /** Where the registry is; credentials of the fleet's pull secrets are found without it. */
  readonly registry: RegistryOptions;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
