// Loaded when YAML is asked for. A static import, because a bundle gives a CommonJS package's dynamic import no names.
export { stringify } from "yaml";
