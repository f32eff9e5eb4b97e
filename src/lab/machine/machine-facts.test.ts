import { existsSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { labLayout } from "../layout.ts";
import { readMachineFacts } from "./machine-facts.ts";

afterEach(() => vi.unstubAllEnvs());

const canTry = process.platform === "linux" && process.geteuid?.() === 0 && existsSync("/usr/sbin/iptables");

/** As `su` without a dash leaves it. */
const USERS = "/usr/local/bin:/usr/bin:/bin";
const ROOTS = `/usr/local/sbin:/usr/sbin:/sbin:${USERS}`;

async function factsWith(PATH: string) {
  vi.stubEnv("PATH", PATH);
  const { kernel, missingPrograms } = await readMachineFacts(labLayout("facts", process.env), process.env);
  return { kernel, missingPrograms };
}

test.runIf(canTry)("what the machine can do does not depend on administrators' folders being on PATH", async () => {
  expect(await factsWith(USERS)).toEqual(await factsWith(ROOTS));
});
