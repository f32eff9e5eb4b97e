/** A Kubernetes object as plain data. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** `apps/v1 Deployment bots/clovis` as one string: the identity of an object within a cluster. */
export function manifestKey(manifest: Pick<Manifest, "apiVersion" | "kind" | "metadata">): string {
  const { name, namespace } = manifest.metadata;
  return `${manifest.apiVersion} ${manifest.kind} ${namespace ?? ""}/${name}`;
}
