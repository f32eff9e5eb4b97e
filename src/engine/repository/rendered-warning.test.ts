import { expect, test } from "vitest";
import { renderRepository } from "../../render/repository.ts";
import { everything } from "../../render/testing/everything.ts";
import { renderedWarning } from "./rendered-warning.ts";

const source = everything();
const current = renderRepository(source);
const [first = "", second = ""] = [...current.keys()].filter((path) => path.includes("/k8s/"));

function edited(change: (files: Map<string, string>) => unknown): Map<string, string> {
  const files = new Map(current);
  change(files);
  return files;
}

test.each<[string, Map<string, string>, RegExp | undefined]>([
  ["current files", current, undefined],
  ["a repository that keeps none", new Map([["fleet.yaml", ""], ["k8s/by-hand.yaml", "kind: Namespace\n"]]), undefined],
  ["an edited file", edited((files) => files.set(first, `${files.get(first) ?? ""}# edited\n`)), new RegExp(`: agents/${first}; run \`frota render\``)],
  ["a missing file, and an edited one", edited((files) => files.delete(first) && files.set(second, "")), / and 1 more; run `frota render`/],
])("warns of files that are not rendered from what is applied: %s", (_title, files, warning) => {
  const words = renderedWarning(source, files, (file) => `agents/${file}`);
  if (warning) expect(words).toMatch(warning);
  else expect(words).toBeUndefined();
});
