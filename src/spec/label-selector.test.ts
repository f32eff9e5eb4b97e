import { describe, expect, test } from "vitest";
import { matchesLabels, parseLabelSelector } from "./label-selector.ts";

const labels = { team: "sales", "app.kubernetes.io/name": "openclaw", empty: "" };
const matches = (text: string) => matchesLabels(parseLabelSelector(text), labels);

describe("parseLabelSelector", () => {
  test.each([
    ["team=sales", true],
    ["team==sales", true],
    ["team = sales", true],
    ["team=support", false],
    ["team!=sales", false],
    ["team!=support", true],
    ["city!=lisbon", true],
    ["team", true],
    ["city", false],
    ["!city", true],
    ["!team", false],
    ["team in (sales, support)", true],
    ["team in (support)", false],
    ["team notin (support,legal)", true],
    ["city notin (lisbon)", true],
    ["city in (lisbon)", false],
    ["empty=", true],
    ["team=", false],
    ["app.kubernetes.io/name=openclaw,team in (sales,support),!city", true],
    ["app.kubernetes.io/name=openclaw,city", false],
  ])("%s: %s", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test.each(["", "team=a b", "team in sales", "team in (a", "team=sales,", "=sales", "team=>3", "-team"])("refuses %j", (text) => {
    expect(() => parseLabelSelector(text)).toThrow(RangeError);
  });

  test("a key of every object's prototype is no label", () => {
    expect(matches("constructor")).toBe(false);
  });
});
