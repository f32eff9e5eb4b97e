import { describe, expect, test } from "vitest";
import { describeStep, failureReason, parseStep } from "./build-output.ts";

test.each([
  ["STEP 3/22: RUN apt-get update  && apt-get install x", { number: 3, total: 22, instruction: "RUN apt-get update && apt-get install x" }],
  ["--> 849fa8c20f7", undefined],
  ["COMMIT localhost/agent:latest", undefined],
])("reads %s", (line, step) => {
  expect(parseStep(line)).toEqual(step);
});

test.each([
  ["STEP 10/22: RUN apt-get update  && apt-get install x", "step 10 of 22: RUN apt-get update"],
  ["STEP 16/22: RUN --mount=type=bind,source=a,target=/b     node /b after-install", "step 16 of 22: RUN node /b after-install"],
  [`STEP 1/2: ENV ${"x".repeat(80)}`, `step 1 of 2: ENV ${"x".repeat(55)}…`],
])("describes %s", (line, text) => {
  const step = parseStep(line);
  expect(step && describeStep(step)).toBe(text);
});

describe("failureReason", () => {
  test("prefers the image's own check to buildah's words", () => {
    const lines = ["image check failed: openclaw@1 needs Node 24", 'Error: building at STEP "RUN x": exit status 1', ""];
    expect(failureReason(lines)).toBe("openclaw@1 needs Node 24");
  });

  test("prefers apt's words to buildah's", () => {
    expect(failureReason(["E: Version '9' for 'jq' was not found", "Error: exit status 100"])).toBe("E: Version '9' for 'jq' was not found");
  });

  test("falls back to the last line", () => {
    expect(failureReason(["one", "two", ""])).toBe("two");
    expect(failureReason([])).toBe("it said nothing");
  });
});
