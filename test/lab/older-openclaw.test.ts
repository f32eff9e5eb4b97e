import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsReady, chat, eventually, fleetReady, frota, kubectl, podOf } from "./lab.ts";

const RECORD = "/root/.openclaw/.frota/openclaw-version.json";
const session = `older-${process.pid}`;
let good = "";

const inAgent = (script: string) => kubectl("exec", "deployment/clementina", "--", "sh", "-c", script);

beforeAll(async () => {
  await fleetReady(["clementina"]);
  good = await inAgent(`cat ${RECORD}`);
});

/** Also when the test failed half-way: the other files expect a running fleet. */
afterAll(async () => {
  await eventually("a container to put the record back in", 300, async () => {
    const name = (await podOf("clementina")).metadata.name;
    const written = await kubectl("exec", name, "--", "sh", "-c", `printf '%s' '${good}' > ${RECORD}`).catch(() => undefined);
    return written === undefined ? undefined : true;
  });
  await agentsReady(["clementina"]);
});

test("an OpenClaw older than the state is refused in one sentence that frota status repeats, instead of a crash loop's riddle", async () => {
  await chat("clementina", session, "Hello");
  await inAgent(`printf '%s' '{"version":"2099.1.1","attempt":null}' > ${RECORD}`);
  const { metadata } = await podOf("clementina");
  await kubectl("delete", "pod", metadata.name, "--wait=false");
  const sentence = /OpenClaw 2026\.9\.2 is older than 2099\.1\.1/;
  const status = await eventually("frota status to say why", 300, async () => {
    const { code, stdout } = await frota(["status", "clementina"]);
    return code === 1 && sentence.test(stdout) ? stdout : undefined;
  });
  expect(status).toMatch(sentence);
});
