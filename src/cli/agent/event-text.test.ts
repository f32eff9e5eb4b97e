import { expect, test } from "vitest";
import type { FleetEvent } from "../../engine/events/fleet-event.ts";
import { displayWidth } from "../terminal/table.ts";
import { EventLines, timeText } from "./event-text.ts";

const NOW = new Date(2026, 10, 23, 9, 30);
const at = (hours: number, minutes: number) => new Date(2026, 10, 23, hours, minutes).toISOString();
const plain = (_style: string, text: string) => text;

function event(more: Partial<FleetEvent>): FleetEvent {
  return { time: at(9, 12), first: at(9, 12), count: 1, agent: "clovis", object: "Pod/x", severity: "Normal", reason: "Started", message: "", what: "its container started", ...more };
}

test("a line has time, agent and what happened, and how often", () => {
  const lines = new EventLines({ write: () => undefined }, plain, { agents: ["clovis", "clementina"], isWhole: false });
  expect(lines.text(event({}), NOW)).toBe("09:12:00  clovis      its container started\n");
  expect(lines.text(event({ count: 7, first: at(9, 1), severity: "Warning" }), NOW)).toBe("09:12:00  clovis      warning: its container started (7 times since 09:01:00)\n");
});

test("on a terminal long words are wrapped beside the agent, and none is lost", () => {
  const lines = new EventLines({ write: () => undefined, isTTY: true, columns: 60 }, plain, { agents: ["clovis"], isWhole: false });
  const text = lines.text(event({ what: "no node takes its pod: 0/3 nodes are available: 3 Insufficient memory" }), NOW);
  expect(text).toBe("09:12:00  clovis  no node takes its pod: 0/3 nodes are\n                  available: 3 Insufficient memory\n");
});

test.each([48, 60])("in %i columns the words stand below a name that leaves them no room", (columns) => {
  const agent = "secretaria-da-presidencia-do-conselho";
  const lines = new EventLines({ write: () => undefined, isTTY: true, columns }, plain, { agents: ["clovis", agent], isWhole: true });
  const what = "suspended by Clo\u0301vis@mesa: Clóvis apresenta ao conselho, e ninguém o reinicia antes do fim da reunião";
  const text = lines.text(event({ agent, what }), NOW);
  expect(text.startsWith(`09:12:00  ${agent}\n    suspended by`)).toBe(true);
  expect(text.replaceAll(/\s+/g, " ")).toContain(what);
  expect(Math.max(...text.split("\n").map(displayWidth))).toBeLessThanOrEqual(columns);
});

test("a time of another day has its date", () => {
  expect([timeText(at(0, 5), NOW), timeText(new Date(2026, 10, 22, 23, 5).toISOString(), NOW), timeText("", NOW)]).toEqual(["00:05:00", "Nov 22 23:05:00", "--:--:--"]);
});

test("what happens to no agent concerns the fleet", () => {
  const { agent: _agent, ...fleet } = event({ what: "latest: 3 agents run it" });
  const lines = new EventLines({ write: () => undefined }, plain, { agents: ["clovis"], isWhole: true });
  expect(lines.text(event({}), NOW) + lines.text(fleet, NOW)).toBe("09:12:00  clovis   its container started\n09:12:00  (fleet)  latest: 3 agents run it\n");
});
