import type { Diagnostic } from "../diagnostic.ts";
import type { Fleet } from "../fleet.ts";
import { closestName } from "../suggestion.ts";
import type { ValuePath, YamlDocument } from "../yaml-document.ts";
import { failure } from "./rule.ts";
import type { AgentSubject } from "./rule.ts";

type Labels = Readonly<Record<string, string>>;

const CODE = "INVALID_VALUE";

/** A repository as the kubelet takes it: an optional registry, then lower-case path parts; neither scheme nor tag nor digest. */
const REPOSITORY = /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

const LABEL_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** What a fleet says to others, in the form in which they take it: the registry, Vault, Kubernetes, the calendar. */
export function checkFleetValues(fleet: Fleet, document: YamlDocument): Diagnostic[] {
  const { image, vault } = fleet.spec;
  const wrong = (path: ValuePath, message: string, fix: string) => failure({ file: document.file, ...document.positionOf(path) }, CODE, message, fix);
  const found: Diagnostic[] = [];
  if (!REPOSITORY.test(image.repository)) {
    found.push(wrong(["spec", "image", "repository"], "`spec.image.repository` must be registry and path, such as registry.example.com/team/agent", "leave out `https://`, capital letters, tag and digest: a tag belongs in `spec.image.tag`"));
  }
  if (!/^https?:\/\//.test(vault.address)) {
    found.push(wrong(["spec", "vault", "address"], "`spec.vault.address` must be a URL such as https://vault.example.com:8200", "begin it with `https://`"));
  }
  return [...found, ...checkFreezes(fleet, wrong), ...checkLabels(fleet.metadata.labels, ["metadata", "labels"], document)];
}

type Wrong = (path: ValuePath, message: string, fix: string) => Diagnostic;

/** A freeze that is over before it begins, or whose time zone nobody knows, would never hold. */
function checkFreezes(fleet: Fleet, wrong: Wrong): Diagnostic[] {
  return fleet.spec.disruption.freezes.flatMap(({ from, to, timeZone }, index) => {
    const path = ["spec", "disruption", "freezes", index];
    const name = `spec.disruption.freezes[${index}]`;
    const isOver = from.includes("T") && Date.parse(to) <= Date.parse(from);
    return [
      ...(isOver ? [wrong([...path, "to"], `\`${name}.to\` must be after \`from\``, "exchange the two, or correct one of them")] : []),
      ...(isTimeZone(timeZone) ? [] : [wrong([...path, "timeZone"], `\`${name}.timeZone\` must be a time zone such as America/Sao_Paulo`, zoneFix(timeZone))]),
    ];
  });
}

function isTimeZone(timeZone: string): boolean {
  try {
    Intl.DateTimeFormat("en-US", { timeZone });
    return true;
  } catch {
    return false;
  }
}

function zoneFix(written: string): string {
  const known = Intl.supportedValuesOf("timeZone");
  const cities = new Map(known.map((zone) => [zone.split("/").at(-1) ?? zone, zone]));
  const near = closestName(written, known) ?? cities.get(closestName(written.replaceAll(" ", "_"), [...cities.keys()]) ?? "");
  return near === undefined ? "write region and city, as `timedatectl list-timezones` lists them" : `did you mean \`${near}\`?`;
}

/** What an agent says to Kubernetes: a name that a Service may have, and labels. */
export function checkAgentValues({ source, origin }: AgentSubject): Diagnostic[] {
  const { name, labels } = source.agent.metadata;
  const named = /^\d/.test(name) ? [failure(origin.metadata("name"), CODE, "`metadata.name` must begin with a letter: the agent's Service is called so", `for example: \`agent-${name}\`; the folder as well`)] : [];
  return [...named, ...checkLabels(labels, ["metadata", "labels"], origin.document)];
}

/** Labels that the API server would refuse, each at its own place. */
function checkLabels(labels: Labels | undefined, path: ValuePath, document: YamlDocument): Diagnostic[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const at = [...path, key];
    if (!LABEL_KEY.test(key)) return [failure({ file: document.file, ...document.keyPositionOf(at) }, CODE, "a label's key has letters without accents, digits, `-`, `_` and `.`, at most 63, perhaps behind a domain and `/`", "for example: `team`, or `example.com/team`")];
    if (LABEL_VALUE.test(value)) return [];
    return [failure({ file: document.file, ...document.positionOf(at) }, CODE, "a label's value has letters without accents, digits, `-`, `_` and `.`, at most 63, and begins and ends with a letter or digit", "what is only for readers may stand in `metadata.annotations`")];
  });
}
