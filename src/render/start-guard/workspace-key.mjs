// @ts-check

/** Key of the ConfigMap that says each file's mode. No path encodes to it: `_` is always followed by two hex digits. */
export const MODES_KEY = "_modes.json";

/**
 * A workspace path as a ConfigMap key, which may hold only letters, digits, `-`, `_` and `.`: every other byte, and `_`
 * itself, becomes `_` and two hexadecimal digits. Injective. `memory/day 1.md` becomes `memory_2fday_201.md`.
 * @param {string} path relative, with `/`
 * @returns {string}
 */
export function workspaceKey(path) {
  const bytes = Array.from(new TextEncoder().encode(path));
  const key = bytes
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9.-]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
  // A key may not be `.` or `..` or begin with `..`, and the kubelet's own entries do.
  return key.startsWith(".") ? `_2e${key.slice(1)}` : key;
}

/**
 * The workspace path of a ConfigMap key; undefined for a key that {@link workspaceKey} never makes.
 * @param {string} key
 * @returns {string | undefined}
 */
export function workspacePath(key) {
  if (!/^(?:[A-Za-z0-9.-]|_[0-9a-f]{2})+$/.test(key)) return undefined;
  const bytes = [...key.matchAll(/_([0-9a-f]{2})|(.)/g)].map(([, hex, plain]) =>
    hex === undefined ? (plain ?? "").charCodeAt(0) : Number.parseInt(hex, 16),
  );
  const path = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  return workspaceKey(path) === key ? path : undefined;
}
