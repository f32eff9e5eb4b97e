import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { findProgram, searchPath } from "./programs.ts";

test.each<[string, string | undefined, string]>([
  ["a user's", "/home/ana/bin:/usr/bin", "/home/ana/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"],
  ["none", undefined, "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"],
  ["an empty one", "", "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"],
])("administrators' folders come after PATH: %s", (_case, PATH, expected) => {
  expect(searchPath({ PATH })).toBe(expected);
});

test.runIf(existsSync("/usr/sbin/iptables"))("a program of administrators is found without their folders on PATH", async () => {
  expect(await findProgram("iptables", { PATH: "/usr/bin:/bin" })).toMatch(/^(?:\/usr)?\/sbin\/iptables$/);
});
