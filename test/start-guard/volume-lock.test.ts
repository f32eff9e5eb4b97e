import { expect, test } from "vitest";
import { GuardedVolume } from "./guarded-volume.ts";

const RUNS = /gateway (\d+) runs, tool (\d+), args (.*)/;
const WAITS = /another gateway still runs on this volume/;

test("the process that took the lock becomes the gateway, and gets the signals", async () => {
  await using volume = await GuardedVolume.create();
  const container = volume.start();
  const [, pid, tool, args] = await container.printed(RUNS);
  expect(Number(pid)).toBe(container.process.pid);
  expect(args).toBe("gateway run --port 18789 --bind lan");
  container.process.kill("SIGTERM");
  await container.printed(/gateway drained/);
  expect(await container.exited).toBe(0);
  process.kill(Number(tool), "SIGKILL");
});

test("a second gateway waits until the first has exited, and a tool left behind does not keep the lock", async () => {
  await using volume = await GuardedVolume.create();
  const first = volume.start();
  const [, , tool] = await first.printed(RUNS);
  const second = volume.start();
  await second.printed(WAITS);
  expect(second.output).not.toMatch(RUNS);
  first.process.kill("SIGKILL");
  await second.printed(RUNS);
  // Still alive: it was the gateway's death that freed the lock.
  expect(process.kill(Number(tool), 0)).toBe(true);
  process.kill(Number(tool), "SIGKILL");
  const [, , secondTool] = await second.printed(RUNS);
  process.kill(Number(secondTool), "SIGKILL");
});

test("one that is stopped while it waits exits at once, and the one that runs is not disturbed", async () => {
  await using volume = await GuardedVolume.create();
  const first = volume.start();
  const [, , tool] = await first.printed(RUNS);
  const second = volume.start();
  await second.printed(WAITS);
  second.process.kill("SIGTERM");
  expect(await second.exited).toBe("SIGTERM");
  expect(first.process.exitCode).toBeNull();
  process.kill(Number(tool), "SIGKILL");
});

test("what the guard refuses starts no gateway and frees the lock", async () => {
  await using volume = await GuardedVolume.create();
  await volume.write(".frota/openclaw-version.json", '{"version": "2027.1.1", "attempt": null}');
  const refused = volume.start();
  expect(await refused.exited).toBe(78);
  expect(refused.output).not.toMatch(RUNS);
  await volume.write(".frota/openclaw-version.json", "{}");
  const next = volume.start();
  const [, , tool] = await next.printed(RUNS);
  process.kill(Number(tool), "SIGKILL");
});
