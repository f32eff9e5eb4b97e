const constants = new WeakSet<object>();

/**
 * Part of rendered objects that is the same in many of them: frozen, with all that it holds, so that its text need be made but once
 * (`blockYaml`).
 */
export function constant<Value extends object>(value: Value): Value {
  for (const item of Object.values(value)) if (typeof item === "object" && item !== null && !constants.has(item)) constant(item);
  constants.add(Object.freeze(value));
  return value;
}

/** Whether nothing in a map or list can change any more. */
export function isConstant(value: object): boolean {
  return constants.has(value);
}
