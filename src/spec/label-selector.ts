type Labels = Readonly<Record<string, string>>;

/** One condition; all of a selector's must hold. */
type Requirement =
  | { readonly type: "exists" | "absent"; readonly key: string }
  | { readonly type: "in" | "notin"; readonly key: string; readonly values: readonly string[] };

/** A Kubernetes label selector, as `kubectl -l` takes it. */
export interface LabelSelector {
  /** As it was written. */
  readonly text: string;
  readonly requirements: readonly Requirement[];
}

const NAME = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?`;
const KEY = String.raw`(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?${NAME}`;

const PRESENCE = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${NAME})?$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const VALUE = new RegExp(`^(?:${NAME})?$`);

/**
 * Reads `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, and several of them with commas between. Throws RangeError for
 * anything else.
 */
export function parseLabelSelector(text: string): LabelSelector {
  // A comma within parentheses separates values.
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  return { text, requirements: parts.map((part) => requirementOf(part) ?? malformed(part)) };
}

/** Whether an object with these labels is selected. A key that is not there is unequal to every value, as in Kubernetes. */
export function matchesLabels({ requirements }: LabelSelector, labels: Labels): boolean {
  return requirements.every((requirement) => isMet(requirement, labels));
}

function isMet(requirement: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.type) {
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "in":
      return value !== undefined && requirement.values.includes(value);
    default:
      return value === undefined || !requirement.values.includes(value);
  }
}

function requirementOf(text: string): Requirement | undefined {
  const [, not, present] = PRESENCE.exec(text) ?? [];
  if (present !== undefined) return { type: not === "!" ? "absent" : "exists", key: present };
  const [, key, operator, value = ""] = EQUALITY.exec(text) ?? [];
  if (key !== undefined) return { type: operator === "!=" ? "notin" : "in", key, values: [value] };
  return setRequirement(text);
}

function setRequirement(text: string): Requirement | undefined {
  const [, key, operator, list = ""] = SET.exec(text) ?? [];
  const values = list.split(",").map((value) => value.trim());
  if (key === undefined || !values.every((value) => VALUE.test(value))) return undefined;
  return { type: operator === "notin" ? "notin" : "in", key, values };
}

function malformed(part: string): never {
  throw new RangeError(`not a label selector: ${part === "" ? "(nothing)" : part} (write team=sales, team!=sales, "team in (sales,support)", team or "!team")`);
}
