import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nameSchema } from "./agent.ts";
import { deriveName } from "./agent-name.ts";

test.each([
  ["clovis", "clovis"],
  ["Clóvis", "clovis"],
  ["Clo\u0301vis", "clovis"],
  ["Ana Júlia", "ana-julia"],
  ["  João -- da_Silva! ", "joao-da-silva"],
  ["Conceição", "conceicao"],
  ["Weiß", "weiss"],
  ["Søren Łukasz", "soren-lukasz"],
  ["İnci", "inci"],
  ["R2-D2", "r2-d2"],
  ["x".repeat(40), "x".repeat(40)],
  ["x".repeat(41), undefined],
  ["🍊", undefined],
  ["日本", undefined],
  ["", undefined],
])("%s -> %s", (text, name) => {
  expect(deriveName(text)).toBe(name);
});

test("a name that comes of anything is one that Kubernetes takes, and stays itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 50 }), (text) => {
      const name = deriveName(text);
      if (name === undefined) return;
      expect(nameSchema.safeParse(name).success).toBe(true);
      expect(deriveName(name)).toBe(name);
    }),
  );
});
