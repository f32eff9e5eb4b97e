import type { Cluster } from "../cluster/cluster.ts";
import type { LabLayout } from "./layout.ts";
import type { LabNetwork } from "./network.ts";
import type { InitProcess } from "./sandbox.ts";
import { Slot } from "./slot.ts";

/** What the steps of one `lab up` share. */
export interface LabRun {
  readonly layout: LabLayout;
  readonly signal: AbortSignal;
  readonly init: Slot<InitProcess>;
  readonly network: Slot<LabNetwork>;
  readonly cluster: Slot<Cluster>;
  /** Folders of the binaries, by component. */
  readonly binaries: {
    readonly kubernetes: Slot<string>;
    readonly coredns: Slot<string>;
    readonly storage: Slot<string>;
    readonly externalSecrets: Slot<string>;
    readonly networkPolicy: Slot<string>;
    readonly vault: Slot<string>;
  };
}

/** A run in which nothing is made yet. */
export function newLabRun(layout: LabLayout, signal: AbortSignal): LabRun {
  return {
    layout,
    signal,
    init: new Slot("the lab's PID 1"),
    network: new Slot("the lab's network"),
    cluster: new Slot("the connection to the lab's cluster"),
    binaries: {
      kubernetes: new Slot("the Kubernetes binaries"),
      coredns: new Slot("the CoreDNS binary"),
      storage: new Slot("the storage provisioner"),
      externalSecrets: new Slot("the External Secrets binary"),
      networkPolicy: new Slot("the network policy engine"),
      vault: new Slot("the Vault binary"),
    },
  };
}
