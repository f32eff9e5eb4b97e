import { Document, isScalar, visit } from "yaml";
import { MANIFEST_YAML } from "./block-yaml.ts";

/** A part of a YAML map with a comment above it. */
export interface AnnotatedPart {
  /** Lines of the comment. */
  readonly about: readonly string[];
  /** The part itself: a map of one key or more. */
  readonly value: object;
  /** The part is a comment as well: it shows what may be written there. */
  readonly isExample?: boolean;
}

/** Parts of one map as people would write them below `indent` spaces, a blank line between two. */
export function annotatedYaml(parts: readonly AnnotatedPart[], indent: number): string {
  return parts.map((part) => partLines(part).map((line) => `${" ".repeat(indent)}${line}\n`).join("")).join("\n");
}

function partLines({ about, value, isExample = false }: AnnotatedPart): string[] {
  const lines = yamlLines(value);
  return [...about.map((line) => `# ${line}`), ...(isExample ? lines.map((line) => `# ${line}`) : lines)];
}

/** Lists of plain values stand on one line. */
function yamlLines(value: object): string[] {
  const document = new Document(value, MANIFEST_YAML);
  visit(document, {
    Seq(_key, list) {
      if (list.items.every((item) => isScalar(item))) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split("\n");
}

/** One scalar as YAML writes it, quoted where it must be. */
export function yamlScalar(text: string): string {
  return new Document(text, MANIFEST_YAML).toString({ lineWidth: 0 }).trimEnd();
}
