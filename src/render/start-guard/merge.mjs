// @ts-check

/**
 * A value of an OpenClaw configuration: plain JSON data.
 * @typedef {null | boolean | number | string | readonly unknown[] | { readonly [key: string]: unknown }} Json
 */

/**
 * Where the declaration and the agent's own edit disagreed. Never holds a value: configurations may hold credentials.
 * `declared-won`: the agent had changed or removed a declared key; the declaration was put back.
 * `agent-kept`: a key left the declaration, but the agent had changed it; the agent's value stays.
 * @typedef {{ readonly path: readonly string[], readonly resolution: "declared-won" | "agent-kept" }} Conflict
 */

/** @typedef {{ readonly [key: string]: unknown }} JsonObject */

/**
 * Three-way merge of an OpenClaw configuration: objects key by key, everything else (arrays too) as a whole.
 * Declared keys win; keys that left the declaration go unless the agent changed them; all other keys are the agent's.
 * Pure and idempotent, and the same again after a crash between writing the result and recording the new base.
 * @param {JsonObject} base what was declared at the last merge; `{}` when unknown, and then nothing is removed
 * @param {JsonObject} declared what is declared now
 * @param {JsonObject} live what the agent has
 * @returns {{ readonly merged: JsonObject, readonly conflicts: readonly Conflict[] }}
 */
export function mergeConfiguration(base, declared, live) {
  /** @type {Conflict[]} */
  const conflicts = [];
  return { merged: mergeObject({ base, declared, live, path: [] }, conflicts), conflicts };
}

/**
 * @param {{ base: JsonObject, declared: JsonObject, live: JsonObject, path: readonly string[] }} side
 * @param {Conflict[]} conflicts
 * @returns {JsonObject}
 */
function mergeObject({ base, declared, live, path }, conflicts) {
  const keys = new Set([...Object.keys(live), ...Object.keys(declared)]);
  /** @type {[string, unknown][]} */
  const entries = [];
  for (const key of keys) {
    const sides = { base: own(base, key), declared: own(declared, key), live: own(live, key), path: [...path, key] };
    const value = sides.declared === undefined ? undeclaredKey(sides, conflicts) : declaredKey(sides, conflicts);
    if (value !== undefined) entries.push([key, value]);
  }
  // Not assignment: a key named __proto__ must become data.
  return Object.fromEntries(entries);
}

/** @typedef {{ base: unknown, declared: unknown, live: unknown, path: readonly string[] }} Sides */

/**
 * @param {Sides} sides
 * @param {Conflict[]} conflicts
 */
function declaredKey({ base, declared, live, path }, conflicts) {
  if (isObject(declared) && isObject(live)) {
    return mergeObject({ base: isObject(base) ? base : {}, declared, live, path }, conflicts);
  }
  if (!isEqual(live, declared) && !isEqual(live, base)) conflicts.push({ path, resolution: "declared-won" });
  return declared;
}

/**
 * @param {Sides} sides
 * @param {Conflict[]} conflicts
 */
function undeclaredKey({ base, live, path }, conflicts) {
  if (base === undefined) return live;
  if (isEqual(live, base)) return undefined;
  if (!isObject(base) || !isObject(live)) {
    conflicts.push({ path, resolution: "agent-kept" });
    return live;
  }
  const rest = mergeObject({ base, declared: {}, live, path }, conflicts);
  const emptied = Object.keys(rest).length === 0 && Object.keys(live).length > 0;
  return emptied ? undefined : rest;
}

/**
 * Equality of JSON data; the order of keys does not count.
 * @param {unknown} left
 * @param {unknown} right
 * @returns {boolean}
 */
export function isEqual(left, right) {
  if (Object.is(left, right) || left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]))
  );
}

/**
 * Whether a value is a JSON object: neither null nor an array.
 * @param {unknown} value
 * @returns {value is JsonObject}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {JsonObject} object
 * @param {string} key
 */
function own(object, key) {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
