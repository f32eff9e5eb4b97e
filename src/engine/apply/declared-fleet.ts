import type { Manifest } from "../../render/manifest.ts";
import type { ConfigurationDelivery } from "../../render/openclaw-configuration.ts";

/** An agent as rendered, with what must be true before it starts. */
export interface DeclaredAgent {
  readonly name: string;
  readonly objects: readonly Manifest[];
  /** Path below Vault's mount, for example `agents/clovis`. */
  readonly secretPath: string;
  readonly requiredSecrets: readonly string[];
  /** How a changed configuration reaches the agent while it runs. */
  readonly delivery: ConfigurationDelivery;
}

/** What a fleet's files say, rendered: the engine's input. */
export interface DeclaredFleet {
  readonly name: string;
  readonly namespace: string;
  /** The fleet's own objects, the namespace first. */
  readonly objects: readonly Manifest[];
  readonly agents: readonly DeclaredAgent[];
  /** All agents of the repository are in `agents`, so that what is not declared is a leftover. */
  readonly isWhole: boolean;
}
