import { expect, test } from "vitest";
import { FrotaError } from "../spec/error.ts";
import { writeError } from "./error-text.ts";

const refusal = new FrotaError({
  code: "ROLLOUT_HELD",
  message: "the rollout waits for somebody to say that it may go on\n  untouched: clovis",
  where: { kind: "Fleet", namespace: "bots", name: "digitalsys" },
  next: "look at it with `frota rollout status`, then let it go on",
});

function written(error: unknown, columns?: number): string {
  let text = "";
  const write = (part: string) => (text += part);
  writeError(error, { write, ...(columns === undefined ? {} : { isTTY: true, columns }) });
  return text;
}

test("in a pipe each part of an error is one line", () => {
  expect(written(refusal)).toBe(`error ROLLOUT_HELD: the rollout waits for somebody to say that it may go on
  untouched: clovis
  at: Fleet/bots/digitalsys
  next: look at it with \`frota rollout status\`, then let it go on
`);
});

test("on a terminal lines are broken between words, and no command is", () => {
  expect(written(refusal, 40)).toBe(`error ROLLOUT_HELD: the rollout waits
  for somebody to say that it may go on
  untouched: clovis
  at: Fleet/bots/digitalsys
  next: look at it with
    \`frota rollout status\`, then let it
    go on
`);
});

test("a defect's stack stays as it is", () => {
  const defect = Object.assign(new Error("x"), { stack: "Error: a message of more than forty columns\n    at somewhere (file.ts:1:1)" });
  expect(written(defect, 40)).toBe("error UNEXPECTED: Error: a message of more than forty columns\n    at somewhere (file.ts:1:1)\n  next: this is a defect in frota; please report it with the command you ran\n");
});
