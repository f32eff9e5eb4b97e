import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { labLayout } from "./layout.ts";
import { processStartTime } from "./machine/process-start-time.ts";
import { runningLabs } from "./record.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "frota-labs-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function lab(name: string, startTime: string): Promise<void> {
  const { data, record } = labLayout(name, { HOME: home });
  await mkdir(data, { recursive: true });
  const address = "10.213.0.2";
  await writeFile(record, JSON.stringify({
    name,
    init: { pid: process.pid, startTime },
    address,
    hostAddress: "10.213.0.1",
    hostInterface: "frota0",
    kubeconfig: "kubeconfig",
    vault: { address, tokenFile: "token", caFile: "ca.crt" },
    registry: { address, username: "lab", passwordFile: "password" },
    modelServer: { address, port: 18900 },
  }));
}

test("the labs that run are those whose first process is still the one on record", async () => {
  expect(await runningLabs({ HOME: home })).toEqual([]);
  const mine = (await processStartTime(process.pid)) ?? "";
  await lab("second", mine);
  await lab("ended", "1");
  await lab("default", mine);
  expect(await runningLabs({ HOME: home })).toEqual(["default", "second"]);
});
