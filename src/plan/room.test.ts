import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findRoom, type NodeRoom } from "./room.ts";

const GIB = 2 ** 30;

function node(name: string, changes: Partial<NodeRoom> = {}): NodeRoom {
  return { name, cpu: 2, memory: 4 * GIB, pods: 100, volumes: undefined, ...changes };
}

function agent(name: string, memory = 1, cpu = 0.15) {
  return { name, memory: memory * GIB, cpu };
}

describe("findRoom", () => {
  test.each([
    ["three on one node", [node("a")], [agent("x"), agent("y"), agent("z")], []],
    ["memory for two of three", [node("a", { memory: 2.5 * GIB })], [agent("x"), agent("y"), agent("z")], [{ agent: "z", lacks: "a has 0.5 GiB of 1.0 GiB memory left" }]],
    ["volume slots for one of two", [node("a", { volumes: 1 })], [agent("x"), agent("y")], [{ agent: "y", lacks: "a has no volume slot left" }]],
    ["no pod slot", [node("a", { pods: 0 })], [agent("x")], [{ agent: "x", lacks: "a has no pod slot left" }]],
    ["no node", [], [agent("x")], [{ agent: "x", lacks: "there is no node" }]],
    ["a large one needs the large node, in any order", [node("a", { memory: 1 * GIB }), node("b", { memory: 2 * GIB })], [agent("small", 1), agent("large", 2)], []],
  ])("%s", (_case, nodes, demands, unplaced) => {
    expect(findRoom(nodes, demands).unplaced).toEqual(unplaced);
  });

  test("never places more on a node than it has left", () => {
    const nodes = fc.array(
      fc.record({ cpu: fc.nat(8), memory: fc.nat(8), pods: fc.nat(5), volumes: fc.option(fc.nat(5), { nil: undefined }) }),
      { maxLength: 4 },
    );
    const demands = fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 4 }), memory: fc.integer({ min: 1, max: 4 }) }), { maxLength: 12 });
    const property = fc.property(nodes, demands, (rooms, wanted) => {
      const named = rooms.map((room, index) => Object.assign(room, { name: `node-${index}` }));
      const agents = wanted.map((demand, index) => Object.assign(demand, { name: `agent-${index}` }));
      const { placed, unplaced } = findRoom(named, agents);
      expect(placed.size + unplaced.length).toBe(agents.length);
      for (const room of named) {
        const guests = agents.filter(({ name }) => placed.get(name) === room.name);
        const sum = (field: "cpu" | "memory") => guests.reduce((total, guest) => total + guest[field], 0);
        expect(sum("cpu")).toBeLessThanOrEqual(room.cpu);
        expect(sum("memory")).toBeLessThanOrEqual(room.memory);
        expect(guests.length).toBeLessThanOrEqual(Math.min(room.pods, room.volumes ?? Infinity));
      }
    });
    fc.assert(property);
  });
});
