import { expect, test } from "vitest";
import { parseServiceStatus } from "./status.ts";

test.each([
  ["run: /labs/x/services/etcd: (pid 12) 34s, normally down; run: log: (pid 11) 36s", "running", 34],
  ["down: /labs/x/services/etcd: 7s; run: log: (pid 11) 36s", "stopped", 7],
  ["finish: /labs/x/services/etcd: (pid 9) 2s, normally down; run: log: (pid 11) 36s", "stopped", 2],
  ["fail: /labs/x/services/etcd: runsv not running", "unknown", undefined],
  ["", "unknown", undefined],
])("%s", (line, state, seconds) => {
  expect(parseServiceStatus("etcd", line)).toEqual({ name: "etcd", state, seconds });
});
