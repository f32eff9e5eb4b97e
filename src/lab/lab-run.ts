import type { Cluster } from "../cluster/cluster.ts";
import type { Component, ComponentName } from "./components/component.ts";
import type { LabLayout } from "./layout.ts";
import type { LabNetwork } from "./sandbox/network.ts";
import type { InitProcess } from "./sandbox/sandbox.ts";
import { Slot } from "./slot.ts";

/** What the steps of one `lab up` share. */
export interface LabRun {
  readonly layout: LabLayout;
  readonly signal: AbortSignal;
  readonly init: Slot<InitProcess>;
  readonly network: Slot<LabNetwork>;
  readonly cluster: Slot<Cluster>;
  /** What has been acquired, by component. */
  readonly components: Map<ComponentName, Component>;
}

/** A run in which nothing is made yet. */
export function newLabRun(layout: LabLayout, signal: AbortSignal): LabRun {
  return {
    layout,
    signal,
    init: new Slot("the lab's PID 1"),
    network: new Slot("the lab's network"),
    cluster: new Slot("the connection to the lab's cluster"),
    components: new Map(),
  };
}

/** Path of a program of an acquired component. Throws a RangeError when the step that acquires it has not run. */
export function program(run: LabRun, component: ComponentName, name: string): string {
  const path = run.components.get(component)?.files[name];
  if (path === undefined) throw new RangeError(`${name} of ${component} is used before it is there: a step lacks a need`);
  return path;
}
