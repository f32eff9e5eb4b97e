import { expect, test } from "vitest";
import { findStale } from "../../scripts/generate.ts";

test("generated files are current (else run `node scripts/generate.ts`)", async () => {
  expect(await findStale()).toEqual([]);
}, 60_000);
