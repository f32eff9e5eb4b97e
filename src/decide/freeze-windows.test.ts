import { expect, test } from "vitest";
import { freezeWindows } from "./freeze-windows.ts";

const at = (text: string) => Date.parse(text);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);
const weekly = (from: string, to: string, rest: object = {}) => ({ reason: "r", timeZone: "UTC", from, to, ...rest });
const WEEKEND = { days: ["Sat"] } satisfies { days: "Sat"[] };

test.each<[string, ReturnType<typeof weekly> & { days?: "Sat"[] | "Sun"[] | "Fri"[] }, string, string[]]>([
  ["a single window, before it", weekly("2026-12-20T00:00:00Z", "2027-01-02T00:00:00Z"), "2026-12-01T00:00:00Z", ["2026-12-20T00:00 2027-01-02T00:00"]],
  ["a single window, at its end", weekly("2026-12-20T00:00:00Z", "2027-01-02T00:00:00Z"), "2027-01-02T00:00:00Z", []],
  ["a single window with another offset", weekly("2026-12-20T00:00:00-03:00", "2026-12-21T00:00:00-03:00"), "2026-12-20T04:00:00Z", ["2026-12-20T03:00 2026-12-21T03:00"]],
  ["an end before its beginning is no window", weekly("2027-01-02T00:00:00Z", "2026-12-20T00:00:00Z"), "2026-12-01T00:00:00Z", []],
  ["one day of the week, over midnight, seen on its second day", { ...weekly("22:00", "06:00"), ...WEEKEND }, "2026-11-22T05:00:00Z", ["2026-11-21T22:00 2026-11-22T06:00", "2026-11-28T22:00 2026-11-29T06:00"]],
  ["a whole day", { ...weekly("00:00", "00:00"), ...WEEKEND }, "2026-11-23T00:00:00Z", ["2026-11-28T00:00 2026-11-29T00:00"]],
  ["days are those of the time zone", { ...weekly("22:00", "23:00", { timeZone: "America/Sao_Paulo" }), ...WEEKEND }, "2026-11-21T12:00:00Z", ["2026-11-22T01:00 2026-11-22T02:00", "2026-11-29T01:00 2026-11-29T02:00"]],
  ["before and after clocks go forward", { ...weekly("12:00", "13:00", { timeZone: "Europe/Berlin" }), days: ["Sun"] }, "2026-03-22T12:30:00Z", ["2026-03-29T10:00 2026-03-29T11:00"]],
  ["an end that clocks skip lasts as long as it may", { ...weekly("01:00", "02:30", { timeZone: "Europe/Berlin" }), days: ["Sun"] }, "2026-03-28T12:00:00Z", ["2026-03-29T00:00 2026-03-29T01:30"]],
  ["a beginning that clocks skip is as early as it may be", { ...weekly("02:30", "05:00", { timeZone: "Europe/Berlin" }), days: ["Sun"] }, "2026-03-27T12:00:00Z", ["2026-03-29T00:30 2026-03-29T03:00"]],
  ["times that clocks go over twice: the first beginning, the last end", { ...weekly("02:15", "02:45", { timeZone: "Europe/Berlin" }), days: ["Sun"] }, "2026-10-23T12:00:00Z", ["2026-10-25T00:15 2026-10-25T01:45"]],
])("%s", (_title, freeze, now, expected) => {
  expect(freezeWindows([freeze], at(now)).map(({ from, to }) => `${iso(from)} ${iso(to)}`)).toEqual(expected);
});

test("windows are told soonest first; every day when no days are named", () => {
  const windows = freezeWindows([weekly("2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"), weekly("18:00", "19:00")], at("2026-11-23T18:30:00Z"));
  expect(windows.slice(0, 3).map(({ from }) => iso(from))).toEqual(["2026-11-23T18:00", "2026-11-24T12:00", "2026-11-24T18:00"]);
});

test("a time zone that is none is a RangeError", () => {
  expect(() => freezeWindows([weekly("18:00", "19:00", { timeZone: "Mars/Olympus" })], 0)).toThrow(RangeError);
});
