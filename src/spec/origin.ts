import type { Diagnostic } from "./diagnostic.ts";
import type { Position } from "./text-position.ts";
import type { ValuePath, YamlDocument } from "./yaml-document.ts";

/** A place in a file of the repository. */
export interface Place extends Position {
  readonly file: string;
}

/** Everything of a finding but its place. */
export type Finding = Omit<Diagnostic, keyof Place>;

/** Where the parts of one agent's merged spec were written: in its own file, or under the fleet's `defaults`. */
export class SpecOrigin {
  readonly #agent: YamlDocument;
  readonly #fleet: YamlDocument;

  constructor(agent: YamlDocument, fleet: YamlDocument) {
    this.#agent = agent;
    this.#fleet = fleet;
  }

  /** The value at a path below `spec`, the agent's own before the fleet's; when neither wrote it, the agent's nearest key. */
  value(path: ValuePath): Place {
    const { document, full } = this.#source(path);
    return { file: document.file, ...document.positionOf(full) };
  }

  /** As {@link SpecOrigin.value}, but the key that names the value. */
  key(path: ValuePath): Place {
    const { document, full } = this.#source(path);
    return { file: document.file, ...document.keyPositionOf(full) };
  }

  /** Whether the agent's own file has something at a path below `spec`. */
  isOwn(path: ValuePath): boolean {
    return this.#agent.has(["spec", ...path]);
  }

  /** The agent's own file. */
  get document(): YamlDocument {
    return this.#agent;
  }

  /** The agent's `metadata.<field>`. */
  metadata(field: string): Place {
    return { file: this.#agent.file, ...this.#agent.positionOf(["metadata", field]) };
  }

  #source(path: ValuePath): { document: YamlDocument; full: ValuePath } {
    const inDefaults = ["spec", "defaults", ...path];
    if (!this.isOwn(path) && this.#fleet.has(inDefaults)) return { document: this.#fleet, full: inDefaults };
    return { document: this.#agent, full: ["spec", ...path] };
  }
}
