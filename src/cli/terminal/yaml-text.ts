import { stringify } from "yaml";
import { MANIFEST_YAML } from "../../render/block-yaml.ts";

/** Data in YAML, as `kubectl` and others read it. Loaded when YAML is asked for: a static import of the library, because a bundle gives a CommonJS package's dynamic import no names. */
export function yamlText(data: unknown): string {
  return stringify(data, MANIFEST_YAML);
}
