/** What a node has left. */
export interface NodeRoom {
  readonly name: string;
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Pods. */
  readonly pods: number;
  /** Volumes that may still be attached; undefined: no limit is known. */
  readonly volumes: number | undefined;
}

/** What an agent asks for. */
export interface AgentDemand {
  readonly name: string;
  readonly cpu: number;
  readonly memory: number;
}

/** Where agents would fit. */
export interface Placement {
  /** Node by agent. */
  readonly placed: ReadonlyMap<string, string>;
  /** Agents that no node has room for, with what stands in the way on the node that comes nearest. */
  readonly unplaced: readonly { readonly agent: string; readonly lacks: string }[];
}

/**
 * Finds a node for each agent, each with its one volume: the largest agents first, each onto the node that is left with the least memory.
 * An estimate: Kubernetes' scheduler knows more rules than these.
 */
export function findRoom(nodes: readonly NodeRoom[], demands: readonly AgentDemand[]): Placement {
  const left = nodes.map((node) => ({ ...node }));
  const placed = new Map<string, string>();
  const unplaced: { agent: string; lacks: string }[] = [];
  for (const demand of demands.toSorted((one, other) => other.memory - one.memory || other.cpu - one.cpu)) {
    const fitting = left.filter((node) => lacksOf(node, demand).length === 0);
    const chosen = fitting.toSorted((one, other) => one.memory - other.memory)[0];
    if (chosen === undefined) {
      unplaced.push({ agent: demand.name, lacks: nearest(left, demand) });
      continue;
    }
    placed.set(demand.name, chosen.name);
    chosen.cpu -= demand.cpu;
    chosen.memory -= demand.memory;
    chosen.pods -= 1;
    if (chosen.volumes !== undefined) chosen.volumes -= 1;
  }
  return { placed, unplaced };
}

function lacksOf(node: NodeRoom, demand: AgentDemand): string[] {
  return [
    ...(node.cpu < demand.cpu ? [`${node.cpu.toFixed(2)} of ${demand.cpu} cores`] : []),
    ...(node.memory < demand.memory ? [`${gibibytes(node.memory)} of ${gibibytes(demand.memory)} memory`] : []),
    ...(node.pods < 1 ? ["no pod slot"] : []),
    ...(node.volumes !== undefined && node.volumes < 1 ? ["no volume slot"] : []),
  ];
}

function nearest(nodes: readonly NodeRoom[], demand: AgentDemand): string {
  const [best] = nodes.toSorted((one, other) => lacksOf(one, demand).length - lacksOf(other, demand).length || other.memory - one.memory);
  return best === undefined ? "there is no node" : `${best.name} has ${lacksOf(best, demand).join(", ")} left`;
}

/** `1.5 GiB` */
export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
