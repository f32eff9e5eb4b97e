import { describe, expect, test } from "vitest";
import type { MachineFacts } from "./machine-facts.ts";
import { labPrerequisites } from "./prerequisites.ts";

const GIB = 2 ** 30;
const KERNEL = { namespaces: true, overlay: true, veth: true, bridge: true, nat: true, loop: true };

function machine(changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    system: "linux",
    architecture: "x64",
    isRoot: true,
    node: "24.21.0",
    processors: 2,
    memory: { total: 24 * GIB, available: 20 * GIB },
    disks: [{ folder: "/data", free: 100 * GIB }],
    missingPrograms: [],
    hasApt: true,
    kernel: KERNEL,
    missingControllers: [],
    ...changes,
  };
}

const IP = { program: "ip", package: "iproute2" };

describe("labPrerequisites", () => {
  test("a machine that can hold the lab", () => {
    expect(labPrerequisites(machine()).filter(({ status }) => status !== "ok")).toEqual([]);
  });

  test.each<[string, Partial<MachineFacts>, Record<string, string>]>([
    ["macOS, and nothing more about it", { system: "darwin", architecture: "arm64" }, { "lab.platform": "missing" }],
    ["another processor", { architecture: "riscv64" }, { "lab.platform": "missing" }],
    ["no root", { isRoot: false, kernel: undefined }, { "lab.root": "missing", "lab.kernel.loop": "unknown" }],
    ["Node 20", { node: "20.20.2" }, { "lab.node": "missing" }],
    ["Node 24.14", { node: "24.14.0" }, { "lab.node": "missing" }],
    ["Node 26", { node: "26.1.0" }, { "lab.node": "ok" }],
    ["programs that apt can install", { missingPrograms: [IP] }, { "lab.programs": "warn" }],
    ["programs without apt", { missingPrograms: [IP], hasApt: false }, { "lab.programs": "missing" }],
    ["a feature that cannot be tried yet", { missingPrograms: [IP], kernel: { ...KERNEL, veth: false } }, { "lab.kernel.veth": "unknown" }],
    ["no loop devices", { kernel: { ...KERNEL, loop: false } }, { "lab.kernel.loop": "missing" }],
    ["no memory controller", { missingControllers: ["memory"] }, { "lab.kernel.cgroups": "missing" }],
    ["one processor", { processors: 1 }, { "lab.processors": "warn" }],
    ["little memory", { memory: { total: 2 * GIB, available: GIB } }, { "lab.memory": "missing" }],
    ["memory that others use", { memory: { total: 8 * GIB, available: 3 * GIB } }, { "lab.memory": "warn" }],
    ["a full disk", { disks: [{ folder: "/data", free: GIB }] }, { "lab.disk": "missing" }],
  ])("%s", (_case, changes, expected) => {
    const found = labPrerequisites(machine(changes));
    const statuses = Object.fromEntries(found.map(({ id, status }) => [id, status]));
    expect(statuses).toMatchObject(expected);
    const unexplained = found.filter(({ status, next }) => (status === "missing" || status === "warn") && next === undefined);
    expect(unexplained).toEqual([]);
  });
});
