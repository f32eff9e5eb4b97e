import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsReady, chat, eventually, fleetReady, frota, kubectl, NAMESPACE, podOf, TEST_LAB } from "./lab.ts";
import { onVolume } from "./volume.ts";

const RECORD = ".frota/openclaw-version.json";
const session = `older-${process.pid}`;
let good = "";

const onState = (script: string) => onVolume({ lab: TEST_LAB, namespace: NAMESPACE, name: "clementina-state" }, script);
const write = (record: string) => onState(`printf '%s' '${record}' > "$volume/${RECORD}"`);

beforeAll(async () => {
  await fleetReady(["clementina"]);
  good = await onState(`cat "$volume/${RECORD}"`);
});

/** Also when the test failed half-way: the other files expect a running fleet. */
afterAll(async () => {
  await write(good);
  // A new pod starts at once; the old one's container only after its back-off of up to five minutes.
  await kubectl("delete", "pod", (await podOf("clementina")).metadata.name);
  await agentsReady(["clementina"]);
});

test("an OpenClaw older than the state is refused in one sentence that frota status repeats, instead of a crash loop's riddle", async () => {
  await chat("clementina", session, "Hello");
  await write('{"version":"2099.1.1","attempt":null}');
  const { metadata } = await podOf("clementina");
  await kubectl("delete", "pod", metadata.name, "--wait=false");
  const sentence = /OpenClaw 2026\.9\.2 is older than 2099\.1\.1/;
  const status = await eventually("frota status to say why", 300, async () => {
    const { code, stdout } = await frota(["status", "clementina"]);
    return code === 1 && sentence.test(stdout) ? stdout : undefined;
  });
  expect(status).toMatch(sentence);
});
