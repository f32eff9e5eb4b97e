import { CORE_SCHEMA, defineMappingTag, load } from "js-yaml";
import { isPlainMap } from "./plain-data.ts";
import type { PlainMap } from "./plain-data.ts";

/**
 * Where the two libraries were found to differ, or might: other than plain characters, anchors, aliases, tags and directives, block texts with
 * a figure or a `+`, long lines, marks of a document's end, and numbers beyond all bounds.
 */
const UNUSUAL = /[^\n -~\u00a1-\u2027\u202a-\udfff]|(?:^|[\s[{,:?-])[&*!%@`]|[|>](?:\+|-?\d)|^(?:[^\n]{1000}| +---|\.\.\.)|[\d.][eE][-+]?\d{3}/m;

/** Maps whose keys are texts: what else a key may be, each library turns into text in its own way. */
const TEXT_KEYS = defineMappingTag<Record<string, unknown>>("tag:yaml.org,2002:map", {
  create: () => ({}),
  addPair(map, key, value) {
    if (typeof key !== "string" || key === "__proto__") return "not a plain key";
    map[key] = value;
    return "";
  },
  has: (map, key) => Object.hasOwn(map, String(key)),
  keys: (map) => Object.keys(map),
  get: (map, key) => map[String(key)],
  identify: () => false,
});

const SCHEMA = CORE_SCHEMA.withTags(TEXT_KEYS);

/**
 * The data of a YAML document that is a map and in which nothing is unusual, by a library that is several times as fast as the one which
 * knows places, and gives the same there (`quick-yaml.test.ts`). Undefined for everything else: faulty, empty, unusual.
 */
export function quickYaml(text: string): PlainMap | undefined {
  if (UNUSUAL.test(text)) return undefined;
  try {
    const data = load(text, { schema: SCHEMA });
    return isPlainMap(data) ? data : undefined;
  } catch {
    return undefined;
  }
}
