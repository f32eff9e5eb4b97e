import { isDeepStrictEqual } from "node:util";
import type { Cluster, KindReference, Selection } from "../../cluster/cluster.ts";
import { Informer } from "../../cluster/informer.ts";
import type { PrePull } from "../../decide/fleet-world.ts";
import type { AgentDefinition } from "../../decide/removal.ts";
import type { Manifest } from "../../render/manifest.ts";
import { API_VERSION } from "../../spec/agent.ts";
import { tokenIn } from "../gateway/gateway-token.ts";
import { BroughtImages } from "./brought-images.ts";
import { AGENT_DEFINITION, agentOfSecret, DEFINITION_KIND, isApplied, MANAGED, OBJECT_KIND_NAMES, OBJECT_KINDS, SECRET_SUFFIX, withoutSuffix, type ObjectKind } from "./fleet-kinds.ts";
import { LEDGER_NAME } from "./ledger.ts";
import { isImageRevision } from "./revisions.ts";
import { slimConfigMap, slimDeployment, slimNode, slimObject, slimReplicaSet, slimSecret, slimWithStatus, type KeptConfigMap, type KeptDeployment, type KeptNode, type KeptReplicaSet, type KeptSecret } from "./slim.ts";
import { slimDefinition } from "./slim-definition.ts";
import { slimPod, type KeptPod } from "./slim-pod.ts";

/** What changed: one agent (its declaration or anything that runs of it), or what the whole fleet shares. */
export type ChangedSubject = { readonly agent: string } | "fleet";

/** What a {@link FleetCache} follows. */
export interface FleetCacheOptions {
  readonly cluster: Pick<Cluster, "follow">;
  readonly namespace: string;
  /** Key of Secret `frota-secret-key`. */
  readonly digestKey: Uint8Array;
  readonly signal: AbortSignal;
  /**
   * Hears of each change. `"fleet"`: the Fleet, the ledger, a revision, a node or a pre-pull; every agent is to be looked at as
   * well then if it depends on them. It is called synchronously and must not throw.
   */
  readonly onChange: (subject: ChangedSubject) => void;
  /** Hears why a kind cannot be followed now. */
  readonly onStale?: (kind: string, problem: string) => void;
}

/**
 * Everything that the controller looks at, kept current: one watch for each kind however many agents there are, and of each
 * object only what is needed. Secret values do not stay, except each gateway's token: the controller asks gateways with it.
 */
export class FleetCache {
  readonly namespace: string;
  readonly #options: FleetCacheOptions;
  readonly #informers: Pick<Informer<unknown>, "synced" | "size" | "stalenessSeconds">[] = [];
  readonly #fleets: Informer<Manifest>;
  readonly #agents: Informer<Manifest>;
  readonly #deployments: Informer<KeptDeployment>;
  readonly #replicaSets: Informer<KeptReplicaSet>;
  readonly #objects: Readonly<Record<ObjectKind, Informer<Manifest>>>;
  readonly #configMaps: Informer<KeptConfigMap>;
  readonly #secrets: Informer<KeptSecret>;
  readonly #revisions: Informer<Manifest>;
  readonly #nodes: Informer<KeptNode>;
  readonly #definitions: Informer<AgentDefinition>;
  readonly #podsByAgent = new Map<string, Map<string, KeptPod>>();
  readonly #brought = new BroughtImages();
  readonly #tokens = new Map<string, string>();
  readonly #versions = new Map<string, number>();
  #fleetVersion = 0;
  /** Undefined: to be found out. */
  #names: readonly string[] | undefined;

  /** All kinds have been listed once. Rejects when the signal aborts before. */
  readonly synced: Promise<void>;

  private constructor(options: FleetCacheOptions) {
    this.#options = options;
    this.namespace = options.namespace;
    const own = { apiVersion: API_VERSION, mayBeUnserved: true };
    this.#fleets = this.#follow({ ...own, kind: "Fleet" }, slimWithStatus, () => this.#fleetChanged());
    this.#agents = this.#follow({ ...own, kind: "Agent" }, slimWithStatus, (name, before, after) => {
      if (!before || !after) this.#names = undefined;
      this.#agentChanged(name);
    });
    this.#deployments = this.#follow({ apiVersion: "apps/v1", kind: "Deployment" }, slimDeployment, (name, before, after) =>
      this.#objectChanged(name, before?.manifest, after?.manifest),
    );
    this.#replicaSets = this.#follow({ apiVersion: "apps/v1", kind: "ReplicaSet", labelSelector: MANAGED }, slimReplicaSet, (_name, before, after) =>
      this.#agentChanged((after ?? before)?.agent),
    );
    this.#follow({ apiVersion: "v1", kind: "Pod", labelSelector: MANAGED }, slimPod, (name, before, after) => this.#podChanged(name, before, after));
    this.#objects = this.#followObjects();
    this.#configMaps = this.#follow({ apiVersion: "v1", kind: "ConfigMap" }, slimConfigMap, (name) =>
      name === LEDGER_NAME ? this.#fleetChanged() : this.#agentChanged(name.replace(/-(?:config|start-guard|workspace)$/, "")),
    );
    this.#secrets = this.#follow({ apiVersion: "v1", kind: "Secret", fieldSelector: "type=Opaque" }, (secret) => this.#takeSecret(secret), (name, _before, after) => {
      if (after === undefined) this.#tokens.delete(agentOfSecret(name));
      this.#agentChanged(agentOfSecret(name));
    });
    this.#revisions = this.#follow({ apiVersion: "apps/v1", kind: "ControllerRevision" }, (object) => (isImageRevision(object) ? slimObject(object) : undefined), () =>
      this.#fleetChanged(),
    );
    this.#nodes = this.#follow({ apiVersion: "v1", kind: "Node", isClusterScoped: true }, slimNode, (name, _before, after) => {
      this.#brought.heard(name, after?.digests);
      this.#fleetChanged();
    });
    // By name: no other may be read.
    const ofAgents = { ...DEFINITION_KIND, isClusterScoped: true, fieldSelector: `metadata.name=${AGENT_DEFINITION}` };
    this.#definitions = this.#follow(ofAgents, slimDefinition, () => this.#fleetChanged());
    this.synced = Promise.all(this.#informers.map((informer) => informer.synced)).then(() => undefined);
    this.synced.catch(() => undefined);
  }

  /** Begins to follow; ends with the signal. */
  static start(options: FleetCacheOptions): FleetCache {
    return new FleetCache(options);
  }

  /** The namespace's Fleet; the first by name should there be several. */
  fleet(): Manifest | undefined {
    const [only] = this.#fleets.list();
    return this.#fleets.size === 1 ? only : [...this.#fleets.list()].toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))[0];
  }

  agent(name: string): Manifest | undefined {
    return this.#agents.get(name);
  }

  agents(): Iterable<Manifest> {
    return this.#agents.list();
  }

  /** How many Agents are declared. */
  get agentCount(): number {
    return this.#agents.size;
  }

  /**
   * Agents that are declared, and those of which something is left that a controller applied. Sorted. What was only ever
   * deployed in the plain way, and is not declared, is not the controller's business.
   */
  agentNames(): readonly string[] {
    this.#names ??= this.#findNames();
    return this.#names;
  }

  #findNames(): string[] {
    const names = new Set(Array.from(this.#agents.list(), ({ metadata }) => metadata.name));
    for (const { manifest } of this.#deployments.list()) if (isApplied(manifest)) names.add(manifest.metadata.name);
    for (const kind of OBJECT_KIND_NAMES) {
      if (kind === "PersistentVolumeClaim") continue;
      for (const object of this.#objects[kind].list()) if (isApplied(object)) names.add(withoutSuffix(object.metadata.name, OBJECT_KINDS[kind].suffix));
    }
    return [...names].toSorted();
  }

  deployment(agent: string): KeptDeployment | undefined {
    return this.#deployments.get(agent);
  }

  /** The ReplicaSet of this name. */
  replicaSet(name: string): KeptReplicaSet | undefined {
    return this.#replicaSets.get(name);
  }

  /** The agent's pods, in no order. */
  pods(agent: string): readonly KeptPod[] {
    return [...(this.#podsByAgent.get(agent)?.values() ?? [])];
  }

  /** The agent's object of this kind. */
  object(kind: ObjectKind, agent: string): Manifest | undefined {
    return this.#objects[kind].get(`${agent}${OBJECT_KINDS[kind].suffix}`);
  }

  configMap(name: string): KeptConfigMap | undefined {
    return this.#configMaps.get(name);
  }

  secret(agent: string): KeptSecret | undefined {
    return this.#secrets.get(`${agent}${SECRET_SUFFIX}`);
  }

  /** The ConfigMap of the ledger. */
  ledger(): Manifest | undefined {
    return this.#configMaps.get(LEDGER_NAME)?.manifest;
  }

  /** The ControllerRevisions of the fleet's images. */
  revisions(): Iterable<Manifest> {
    return this.#revisions.list();
  }

  nodes(): Iterable<KeptNode> {
    return this.#nodes.list();
  }

  /** Digests that the node says it has, or that a pod of ours began on there. */
  imagesOf({ name, digests }: KeptNode): ReadonlySet<string> {
    return this.#brought.with(name, digests);
  }

  /** The definition of Agents. */
  definition(): AgentDefinition | undefined {
    const [definition] = this.#definitions.list();
    return definition;
  }

  prePulls(): Iterable<PrePull> {
    return this.#brought.pulls();
  }

  /** Whether the cluster has the External Secrets Operator's kinds; without them Secrets come by other ways. */
  get servesExternalSecrets(): boolean {
    return this.#objects.ExternalSecret.isServed;
  }

  /** For asking the agent's gateway; never to be logged, written or hashed. */
  gatewayToken(agent: string): string | undefined {
    return this.#tokens.get(agent);
  }

  /** Seconds since the server was last heard of, of the kind of which that is longest ago; up to about 60 at rest. */
  stalenessSeconds(): number {
    return Math.max(...this.#informers.map((informer) => informer.stalenessSeconds()));
  }

  /** How many objects are kept. */
  get size(): number {
    return this.#informers.reduce((sum, informer) => sum + informer.size, 0);
  }

  /** Rises with each change of anything of the agent. */
  agentVersion(agent: string): number {
    return this.#versions.get(agent) ?? 0;
  }

  /** Rises with each change of what the fleet shares. */
  get fleetVersion(): number {
    return this.#fleetVersion;
  }

  #follow<Kept>(
    kind: KindReference & Selection & { readonly mayBeUnserved?: boolean; readonly isClusterScoped?: boolean },
    slim: (object: Manifest) => Kept | undefined,
    onChange: (name: string, before: Kept | undefined, after: Kept | undefined) => void,
  ): Informer<Kept> {
    const { cluster, namespace, signal, onStale } = this.#options;
    const { apiVersion, kind: name, mayBeUnserved = false, isClusterScoped = false, ...selection } = kind;
    const informer = Informer.start<Kept>({
      cluster,
      kind: { apiVersion, kind: name },
      selection: isClusterScoped ? selection : { ...selection, namespace },
      signal,
      slim,
      onChange,
      isSame: isDeepStrictEqual,
      mayBeUnserved,
      ...(onStale && { onProblem: (problem: string) => onStale(name, problem) }),
    });
    this.#informers.push(informer);
    return informer;
  }

  #followObjects(): Record<ObjectKind, Informer<Manifest>> {
    const follow = (kind: ObjectKind, slim: (object: Manifest) => Manifest, selection: Selection = {}) => {
      const { apiVersion, suffix } = OBJECT_KINDS[kind];
      const reference = { apiVersion, kind, ...selection, mayBeUnserved: kind === "ExternalSecret" };
      return this.#follow(reference, slim, (name, before, after) => this.#objectChanged(withoutSuffix(name, suffix), before, after));
    };
    const managed = { labelSelector: MANAGED };
    return {
      Service: follow("Service", slimObject, managed),
      ServiceAccount: follow("ServiceAccount", slimObject, managed),
      NetworkPolicy: follow("NetworkPolicy", slimObject, managed),
      ExternalSecret: follow("ExternalSecret", slimWithStatus, managed),
      // Whatever its labels: it must never look as if it were not there.
      PersistentVolumeClaim: follow("PersistentVolumeClaim", slimWithStatus),
    };
  }

  #takeSecret(secret: Manifest): KeptSecret | undefined {
    const { name } = secret.metadata;
    if (!name.endsWith(SECRET_SUFFIX)) return undefined;
    const token = tokenIn(secret);
    const agent = agentOfSecret(name);
    if (token === undefined) this.#tokens.delete(agent);
    else this.#tokens.set(agent, token);
    return slimSecret(secret, this.#options.digestKey);
  }

  #podChanged(name: string, before: KeptPod | undefined, after: KeptPod | undefined): void {
    if ((after ?? before)?.prePull) {
      this.#brought.changed(name, after?.prePull);
      this.#fleetChanged();
      return;
    }
    const agent = (after ?? before)?.agent;
    if (agent === undefined) return;
    this.#indexPod(agent, name, after);
    this.#agentChanged(agent);
  }

  #indexPod(agent: string, name: string, pod: KeptPod | undefined): void {
    const pods = this.#podsByAgent.get(agent) ?? new Map<string, KeptPod>();
    if (pod) pods.set(name, pod);
    else pods.delete(name);
    if (pods.size > 0) this.#podsByAgent.set(agent, pods);
    else this.#podsByAgent.delete(agent);
  }

  #objectChanged(agent: string, before: Manifest | undefined, after: Manifest | undefined): void {
    if (isApplied(before) !== isApplied(after)) this.#names = undefined;
    this.#agentChanged(agent);
  }

  #agentChanged(agent: string | undefined): void {
    if (agent === undefined) return;
    this.#versions.set(agent, this.agentVersion(agent) + 1);
    this.#options.onChange({ agent });
  }

  #fleetChanged(): void {
    this.#fleetVersion++;
    this.#options.onChange("fleet");
  }
}
