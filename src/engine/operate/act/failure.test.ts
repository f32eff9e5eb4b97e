import { expect, test } from "vitest";
import { FrotaError } from "../../../spec/error.ts";
import { failureOf, isStale } from "./failure.ts";

const failure = (code: string) => new FrotaError({ code, message: "words" });

test.each([
  ["FORBIDDEN", "terminal"],
  ["INVALID_OBJECT", "terminal"],
  ["KIND_UNKNOWN", "terminal"],
  ["NAME_TAKEN", "terminal"],
  ["CLUSTER_UNREACHABLE", "retryable"],
  ["CLUSTER_REFUSED", "retryable"],
  ["GATEWAY_UNREACHABLE", "retryable"],
  ["NOT_FOUND", "retryable"],
])("%s is %s", (code, kind) => {
  expect(failureOf(failure(code), 7)).toEqual({ code, message: "words", at: 7, kind });
  expect(isStale(failure(code))).toBe(false);
});

test("what nobody foresaw is tried again", () => {
  expect(failureOf(new TypeError("x is undefined"), 1)).toMatchObject({ code: "UNEXPECTED", kind: "retryable" });
});

test("a lost race is no failure", () => {
  expect(isStale(failure("CONFLICT"))).toBe(true);
});
