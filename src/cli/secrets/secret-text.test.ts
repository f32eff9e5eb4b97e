import { expect, test } from "vitest";
import type { SecretChain } from "../../plan/secret-chain.ts";
import { chainText } from "./secret-text.ts";

const plain = (_style: unknown, text: string) => text;
const at = (clock: string) => new Date(`2026-11-23T${clock}Z`);
const NOW = at("12:10:00");

const CHAIN: SecretChain = {
  agent: "clovis",
  state: "waiting",
  missingKeys: [],
  stalePods: [],
  links: [
    { link: "vault", state: "ok", message: "version 4, 3 keys", at: at("12:00:00") },
    {
      link: "process", state: "waiting", code: "PROCESS_STALE", at: at("11:00:00"), next: "wait for its end; earlier: `frota freeze --end`",
      message: "clovis-7f9c6d5b8-x2x9z started before the Secret changed, and runs with its older values; the controller restarts it: frozen until 2026-11-23 14:05 UTC by ana: release day",
    },
    {
      link: "proof", state: "ok", message: "the pod was made for the Secret's HMAC 3f9c01ab",
      steps: [{ step: "vault", at: at("12:00:00") }, { step: "synced", at: at("12:00:01") }, { step: "process", at: at("12:00:41") }],
    },
  ],
};

test("a terminal of 80 columns shows every word, with a margin that leaves the titles alone", () => {
  const text = chainText(CHAIN, { now: NOW, paint: plain, output: { isTTY: true, columns: 80, write: () => undefined } });
  expect(text).toBe(`clovis  waiting
  Vault    ok       version 4, 3 keys (10 min 00 s ago)
  Process  waiting  clovis-7f9c6d5b8-x2x9z started before the Secret changed,
             and runs with its older values; the controller restarts it: frozen
             until 2026-11-23 14:05 UTC by ana: release day (1 h 10 min ago)
             next: wait for its end; earlier: \`frota freeze --end\`
  Proof    ok       the pod was made for the Secret's HMAC 3f9c01ab
             Vault 2026-11-23T12:00:00Z, synced +1.0 s, process +40 s
`);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("in a pipe a link is one line, for grep", () => {
  const text = chainText(CHAIN, { now: NOW, paint: plain, output: { write: () => undefined } });
  expect(text).toMatch(/^ {2}Process {2}waiting {2}clovis-7f9c6d5b8-x2x9z .*release day \(1 h 10 min ago\)$/m);
});
