import type { Diagnostic } from "../diagnostic.ts";
import type { Fleet } from "../fleet.ts";
import { closestName } from "../suggestion.ts";
import type { YamlDocument } from "../yaml-document.ts";
import { caution, failure } from "./rule.ts";
import type { AgentSubject } from "./rule.ts";

/** Names whose objects or folder would be the fleet's own, or Kubernetes'. */
const RESERVED_NAMES: Readonly<Record<string, string>> = {
  base: "base/ holds the image",
  k8s: "k8s/ holds the fleet's own objects",
  default: "the ServiceAccount `default` is Kubernetes' own",
  "vault-auth": "the ServiceAccount `vault-auth` is the fleet's own",
};

/** The agent's name, folder and namespace. */
export function checkIdentity({ fleet, source, origin }: AgentSubject): Diagnostic[] {
  const { name, namespace } = source.agent.metadata;
  const found: Diagnostic[] = [];
  const reserved = Object.hasOwn(RESERVED_NAMES, name) ? RESERVED_NAMES[name] : undefined;
  if (reserved !== undefined) {
    found.push(failure(origin.metadata("name"), "RESERVED_NAME", `an agent cannot be called \`${name}\`: ${reserved}`, "give it another name"));
  }
  if (source.folder !== name) {
    const message = `the folder \`${source.folder}\` holds an agent called \`${name}\``;
    found.push(failure(origin.metadata("name"), "FOLDER_NAME", message, `rename the folder to \`${name}\`, or write \`name: ${source.folder}\``));
  }
  if (namespace !== undefined && namespace !== fleet.metadata.namespace) {
    const message = `the agent's namespace \`${namespace}\` is not the fleet's`;
    found.push(failure(origin.metadata("namespace"), "NAMESPACE_MISMATCH", message, `remove the line: every agent lives in \`${fleet.metadata.namespace}\``));
  }
  return found;
}

/** Agents of one name: every one after the first is told. */
export function checkDuplicates(subjects: readonly AgentSubject[]): Diagnostic[] {
  const first = new Map<string, string>();
  return subjects.flatMap(({ source, origin }) => {
    const { name } = source.agent.metadata;
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, source.folder);
      return [];
    }
    return [failure(origin.metadata("name"), "DUPLICATE_AGENT", `${other}/agent.yaml already holds an agent called \`${name}\``, "give one of them another name and folder")];
  });
}

/** Canaries that no agent is: a new image would go to nobody first. `names` has those as well whose own file is not valid. */
export function checkCanaries(fleet: Fleet, document: YamlDocument, names: readonly string[]): Diagnostic[] {
  return fleet.spec.rollout.canaries.flatMap((canary, index) => {
    if (names.includes(canary)) return [];
    const place = { file: document.file, ...document.positionOf(["spec", "rollout", "canaries", index]) };
    const meant = closestName(canary, names);
    return [caution(place, "CANARY_UNKNOWN", `there is no agent \`${canary}\` that could get a new image first`, meant === undefined ? `add it (\`frota new ${canary}\`), or take it out` : `did you mean \`${meant}\`?`)];
  });
}
