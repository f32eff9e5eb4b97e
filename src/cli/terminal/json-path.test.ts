import { describe, expect, test } from "vitest";
import { jsonPathTemplate, missingFields, renderJsonPath } from "./json-path.ts";

const data = {
  namespace: "bots",
  agents: [
    { name: "clovis", title: "Clóvis", isReady: true, restarts: 2, image: { digest: "sha256:ab" }, labels: { "app.kubernetes.io/name": "openclaw", "team-a": "x" } },
    { name: "ana", isReady: false, restarts: 0, image: {}, labels: {} },
  ],
};
const render = (template: string) => renderJsonPath(jsonPathTemplate(template), data);

describe("renderJsonPath", () => {
  test.each([
    ["{.agents[*].name}", "clovis ana"],
    ["{.agents[*]['name','restarts']}", "clovis 2 ana 0"],
    ["{.agents[*]['name', 'image.digest']}", "clovis sha256:ab ana"],
    ["{.agents[0].name}", "clovis"],
    ["{.agents[-1].name}", "ana"],
    ["{.agents[-1:].name}", "ana"],
    ["{.agents[0:2:2].name}", "clovis"],
    ["{.agents[7].name}", ""],
    ['{.agents[?(@.name=="clovis")].restarts}', "2"],
    ["{.agents[?(@.name != 'clovis')].name}", "ana"],
    ["{.agents[?(@.isReady==true)].name}", "clovis"],
    ["{.agents[?(@.restarts > 1)].name}", "clovis"],
    ["{.agents[?(@.restarts <= 0)].name}", "ana"],
    ["{.agents[?(@.title)].name}", "clovis"],
    [String.raw`{.agents[0].labels.app\.kubernetes\.io/name}`, "openclaw"],
    [String.raw`{.agents[0].labels['app\.kubernetes\.io/name']}`, "openclaw"],
    ["{.agents[0].labels['app.kubernetes.io/name']}", "openclaw"],
    ["{.agents[0].labels.team-a}", "x"],
    ["{..digest}", "sha256:ab"],
    ["{.agents[0].image}", '{"digest":"sha256:ab"}'],
    ["{.agents[*].labels.*}", "openclaw x"],
    ["ns={.namespace} first={.agents[0].title}", "ns=bots first=Clóvis"],
    ['{range .agents[*]}{.name}{"\\t"}{.restarts}{"\\n"}{end}', "clovis\t2\nana\t0\n"],
    ['{range .agents[*]}{$.namespace}/{@.name} {end}', "bots/clovis bots/ana "],
    ['{range .agents[*]}{range .labels.*}[{@}]{end};{end}', "[openclaw][x];;"],
    ['{.agents[0].name "-" .namespace}', "clovis-bots"],
    ["$.namespace", "bots"],
    [".namespace", "bots"],
    ["agents[0].name", "clovis"],
    ["{.constructor}", ""],
  ])("%s", (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  test.each(["{.agents[*}", "{.agents", "{range .agents[*]}{.name}", "{.name}{end}", "{.agents[?(@.a]}", "{.agents[a]}", "{-}", "{.agents[1:2:x]}"])("refuses %s", (template) => {
    expect(() => jsonPathTemplate(template)).toThrow(RangeError);
  });

  test("tells fields that the data does not have at all", () => {
    expect(missingFields(jsonPathTemplate("{.items[*].metadata.name}"), data)).toEqual(["items"]);
    expect(missingFields(jsonPathTemplate("{range .agents[*]}{.nothing}{end}"), data)).toEqual([]);
  });
});
