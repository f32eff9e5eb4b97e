import { expect, test } from "vitest";
import { handoffOf } from "./browser-handoff.ts";

const LINK = "http://127.0.0.1:18789/#bootstrapToken=abc&bootstrapProfile=owner";

test.each([
  ["a link for one browser", `{"ok":true,"url":"http://127.0.0.1:18789/#token=shared","browserUrl":"${LINK}"}`, LINK],
  ["with other lines around it", `warning: old state\n{"browserUrl":"${LINK}"}\n`, LINK],
])("%s", (_title, printed, href) => {
  expect(handoffOf(printed).link?.href).toBe(href);
});

test.each([
  ["a gateway that is not ready", '{"ok":false,"reason":"Gateway is not running."}', "Gateway is not running."],
  ["an OpenClaw without the command", "error: unknown option '--json'", "it does not know `openclaw dashboard --json`"],
  ["nothing", "", "it does not know `openclaw dashboard --json`"],
])("%s", (_title, printed, reason) => {
  expect(handoffOf(printed)).toEqual({ reason });
});
