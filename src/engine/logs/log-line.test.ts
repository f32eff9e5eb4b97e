import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isKubeletLine, mergeByTime, parseLogLine, type LogLine } from "./log-line.ts";

const line = (at: string, text: string): LogLine => ({ at, text });

describe("a line's time", () => {
  test.each([
    ["2026-11-23T09:12:35.123456789Z said so", "2026-11-23T09:12:35.123456789Z", "said so"],
    ["2026-11-23T09:12:35.1Z said so", "2026-11-23T09:12:35.100000000Z", "said so"],
    ["2026-11-23T06:12:35.5-03:00  indented", "2026-11-23T09:12:35.500000000Z", " indented"],
    ["2026-11-23T09:12:35Z", "2026-11-23T09:12:35.000000000Z", ""],
    ["unable to retrieve container logs for containerd://ab12", "", "unable to retrieve container logs for containerd://ab12"],
    ["2026-99-99T09:12:35Z no time", "", "2026-99-99T09:12:35Z no time"],
  ])("%s", (raw, at, text) => {
    expect(parseLogLine(raw)).toEqual({ at, text });
  });
});

test.each([
  ["unable to retrieve container logs for containerd://ab12", true],
  ['failed to try resolving symlinks in path "/var/log/pods/bots_clovis": no such file', true],
  ["failed to create fsnotify watcher: too many open files", true],
  ['rpc error: code = NotFound desc = an error occurred when try to find container "ab12": not found', true],
  ["2026-11-23T09:12:35Z unable to retrieve container logs for containerd://ab12", false],
  ["the rest of a line that is longer than the kubelet reads at once", false],
  ["", false],
])("the kubelet's own line: %s", (raw, isItsOwn) => {
  expect(isKubeletLine(parseLogLine(raw))).toBe(isItsOwn);
});

describe("lines of several logs", () => {
  test("come in the order of time, and at the same time in the order of the logs", () => {
    const merged = mergeByTime([[line("1", "a"), line("3", "b")], [], [line("1", "c"), line("2", "d")]]);
    expect(merged.map(({ text }) => text).join("")).toBe("acdb");
  });

  test("are all there, each log's in its own order", () => {
    const log = fc.array(fc.nat(20).map((time) => line(String(time).padStart(2, "0"), "")));
    fc.assert(
      fc.property(fc.array(log, { maxLength: 5 }), (logs) => {
        const merged = mergeByTime(logs);
        expect(merged).toHaveLength(logs.flat().length);
        for (const own of logs) expect(merged.filter((one) => own.includes(one))).toEqual(own);
      }),
    );
  });

  test("of ordered logs are ordered", () => {
    const log = fc.array(fc.nat(20)).map((times) => times.toSorted((one, other) => one - other).map((time) => line(String(time).padStart(2, "0"), "")));
    fc.assert(
      fc.property(fc.array(log, { maxLength: 5 }), (logs) => {
        const times = mergeByTime(logs).map(({ at }) => at);
        expect(times).toEqual(times.toSorted());
      }),
    );
  });
});
