import { expect, test } from "vitest";
import { consumedArguments, declaredArguments } from "./build-arguments.ts";

test.each([
  ["one for each line", "ARG A=1\nFROM x\n  arg B\n", ["A", "B"]],
  ["several in one", 'ARG A=1 B="x C=2" D=\'y E\' F\n', ["A", "B", "D", "F"]],
  ["over several lines, with a remark between", "ARG A=1 \\\n# ARG X=1\n  B=2\nRUN echo ARG Z\n", ["A", "B"]],
  ["none in a remark or a command", "# ARG A\nRUN ARG=1 env\nENV ARG x\n", []],
])("declared: %s", (_title, dockerfile, expected) => {
  expect(declaredArguments(dockerfile)).toEqual(expected);
});

test("consumed are those that are declared or predefined", () => {
  const given = { OPENCLAW_VERSION: "1", OPENCLAW_VERSON: "1", FOO: "1", HTTP_PROXY: "p", no_proxy: "n" };
  expect(consumedArguments("ARG OPENCLAW_VERSION=2\n", given)).toEqual({ OPENCLAW_VERSION: "1", HTTP_PROXY: "p", no_proxy: "n" });
});
