import { spawnSync } from "node:child_process";
import { CHECKOUT, labEnvironment, mustRun, START, TEST_LAB } from "./lab.ts";

const DOWN = ["lab", "down", "--purge", TEST_LAB];

/** Ends the lab even when the test run is interrupted or fails: nothing asynchronous runs any more then. */
function endNow(): void {
  spawnSync(`${CHECKOUT}/bin/frota`, DOWN, { cwd: CHECKOUT, env: labEnvironment(), stdio: "ignore", timeout: 120_000 });
}

function interrupt(): never {
  process.exit(130);
}

/**
 * One lab with the committed fleet for all test files, made by the command that users start with, and removed with its
 * data at the end. FROTA_TEST_KEEP=1 finds and leaves it running, for work on the tests themselves.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const keep = process.env["FROTA_TEST_KEEP"] === "1";
  // What a run that was killed has left.
  if (!keep) await mustRun(DOWN);
  if (!keep) {
    process.once("exit", endNow);
    process.once("SIGINT", interrupt);
    process.once("SIGTERM", interrupt);
  }
  const said = await mustRun(START).catch((error: unknown) => {
    // A lab that was kept may have its controller already.
    if (keep && String(error).includes("CONTROLLER_LIVE")) return mustRun(["start"]);
    throw error;
  });
  process.stderr.write(`${said}\n`);
  return async () => {
    if (keep) return;
    await mustRun(DOWN);
    process.off("exit", endNow);
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  };
}
