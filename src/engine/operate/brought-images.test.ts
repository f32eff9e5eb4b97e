import { expect, test } from "vitest";
import { BroughtImages } from "./brought-images.ts";

const NODE = "bots-1";
const SAID: ReadonlySet<string> = new Set(["sha256:old"]);
const pull = (digest: string, state: "pulling" | "done" | "failed" = "done") => ({ node: NODE, digest, state });

test("an image counts as brought once a pod began on it, though the node does not say so yet and the pod is gone", () => {
  const brought = new BroughtImages();
  brought.changed("pod", pull("sha256:new", "pulling"));
  brought.changed("pod", pull("sha256:other", "failed"));
  expect(brought.with(NODE, SAID)).toBe(SAID);
  brought.changed("pod", pull("sha256:new"));
  expect([...brought.pulls()]).toEqual([pull("sha256:new")]);
  brought.changed("pod", undefined);
  expect([...brought.pulls()]).toEqual([]);
  expect(brought.with(NODE, SAID)).toEqual(new Set(["sha256:old", "sha256:new"]));
  expect(brought.with("bots-2", SAID)).toBe(SAID);
});

test("from then on the node's own word counts, and nothing is known of a node that is gone", () => {
  const brought = new BroughtImages();
  brought.changed("pod", pull("sha256:new"));
  brought.heard(NODE, SAID);
  expect(brought.with(NODE, SAID).has("sha256:new"), "said before it knew").toBe(true);
  brought.heard(NODE, new Set(["sha256:new"]));
  expect(brought.with(NODE, SAID), "the node removed it again").toBe(SAID);
  brought.changed("pod", pull("sha256:new"));
  brought.heard(NODE, undefined);
  expect(brought.with(NODE, SAID)).toBe(SAID);
});

test("only the newest are remembered", () => {
  const brought = new BroughtImages();
  for (let build = 0; build < 30; build += 1) brought.changed("pod", pull(`sha256:${build}`));
  expect(brought.with(NODE, new Set())).toEqual(new Set(Array.from({ length: 10 }, (_, index) => `sha256:${20 + index}`)));
});
