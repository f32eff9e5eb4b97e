import { isEqual } from "../render/start-guard/merge.mjs";
import { parseQuantity } from "../spec/quantity.ts";
import { valueAt } from "../spec/plain-data.ts";
import { objectId, type PlannedObject, type Refusal } from "./change-set.ts";

const MANAGED_BY = "app.kubernetes.io/managed-by";
const PART_OF = "app.kubernetes.io/part-of";
/** Often there before the fleet, with its pull secret; nothing is lost by sharing it. */
const SHARED_KINDS: ReadonlySet<string> = new Set(["Namespace"]);

/** Why an object may not be applied over what is live; empty where nothing speaks against it. */
export function refusalsOf(object: PlannedObject): Refusal[] {
  const { desired, live } = object;
  if (!live) return object.refusal ? [object.refusal] : [];
  const found = [collision(object), ...volumeRefusals(object), selectorRefusal(object)].filter(
    (detail) => detail !== undefined,
  );
  // Our own words are clearer than the API server's about the same thing.
  if (found.length === 0) return object.refusal ? [object.refusal] : [];
  const common = { object: objectId(desired), ...(object.agent === undefined ? {} : { agent: object.agent }) };
  return found.map((detail) => Object.assign(detail, common));
}

type Detail = Pick<Refusal, "code" | "message" | "next">;

function collision({ desired, live }: PlannedObject): Detail | undefined {
  if (!live || SHARED_KINDS.has(desired.kind)) return undefined;
  const label = (key: string) => live.metadata.labels?.[key];
  const name = `${desired.kind} ${desired.metadata.name}`;
  if (label(MANAGED_BY) !== desired.metadata.labels?.[MANAGED_BY]) {
    return {
      code: "NAME_TAKEN",
      message: `${name} exists and is not Frota's (its label ${MANAGED_BY} is ${label(MANAGED_BY) ?? "absent"})`,
      next: `rename the agent, or hand the object over by labelling it ${MANAGED_BY}=frota`,
    };
  }
  if (label(PART_OF) === desired.metadata.labels?.[PART_OF]) return undefined;
  return {
    code: "NAME_TAKEN",
    message: `${name} belongs to another fleet (${label(PART_OF) ?? "unnamed"})`,
    next: "use another namespace for this fleet, or rename the agent",
  };
}

function volumeRefusals({ desired, live }: PlannedObject): Detail[] {
  if (desired.kind !== "PersistentVolumeClaim" || !live) return [];
  const refusals: Detail[] = [];
  const sizes = [desired, live].map((manifest) => valueAt(manifest, ["spec", "resources", "requests", "storage"]));
  const [wanted, present] = sizes.map((size) => (typeof size === "string" ? size : undefined));
  if (wanted !== undefined && present !== undefined && parseQuantity(wanted) < parseQuantity(present)) {
    refusals.push({
      code: "STORAGE_SHRINK",
      message: `the volume has ${present} and cannot shrink to ${wanted}: Kubernetes only grows volumes`,
      next: `declare storage.size: ${present} or more`,
    });
  }
  const classes = [desired, live].map((manifest) => valueAt(manifest, ["spec", "storageClassName"]));
  const [wantedClass, presentClass] = classes.map((name) => (typeof name === "string" ? name : undefined));
  if (wantedClass !== undefined && presentClass !== undefined && wantedClass !== presentClass) {
    refusals.push({
      code: "STORAGE_CLASS_CHANGE",
      message: `the volume is of storage class ${presentClass} and cannot become ${wantedClass}`,
      next: `declare storage class ${presentClass}, or move the state into a new agent`,
    });
  }
  return refusals;
}

function selectorRefusal({ desired, live }: PlannedObject): Detail | undefined {
  if (desired.kind !== "Deployment") return undefined;
  const selectors = [desired, live].map((manifest) => valueAt(manifest, ["spec", "selector"]));
  if (isEqual(selectors[0], selectors[1])) return undefined;
  const [wanted, present] = selectors.map((selector) => JSON.stringify(sorted(selector)));
  return {
    code: "SELECTOR_IMMUTABLE",
    message: `the Deployment selects its pods by ${present ?? "nothing"}, which Kubernetes never lets change to ${wanted ?? "nothing"}`,
    next: `delete the Deployment alone (\`kubectl delete deployment ${desired.metadata.name} -n ${desired.metadata.namespace ?? "default"}\`; the volume stays), then apply again`,
  };
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
