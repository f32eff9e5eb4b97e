/** What the lab is made of. `packages` stands for the distribution's own packages (containerd, iptables and so on). */
export type ComponentName =
  | "kubernetes"
  | "packages"
  | "vault"
  | "coredns"
  | "storage-provisioner"
  | "external-secrets"
  | "network-policy"
  | "node22"
  | "pause"
  | "kwok"
  | "helm"
  | "flux"
  | "argo-cd";

/** Where a component came from: found on PATH, from an earlier run, or made now. */
export type Origin = "path" | "cache" | "download" | "build" | "registry";

/** A component that is ready to be started. */
export interface Component {
  readonly name: ComponentName;
  readonly version: string;
  readonly origin: Origin;
  /** Folder that holds the programs and files; empty for `packages`, whose programs are on PATH. */
  readonly folder: string;
  /** Absolute paths by program or file name, for example `kube-apiserver` or `crds.yaml`. */
  readonly files: Readonly<Record<string, string>>;
}

/** What an acquisition needs from its caller. */
export interface AcquireContext {
  /** A line that replaces the last one, for example `compiled 312 of up to 2,795 packages, 1:04`. */
  progress(text: string): void;
  readonly signal: AbortSignal;
  /** `XDG_CACHE_HOME`, `HOME` and `PATH` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
