import { expect, test } from "vitest";
import { agentSpecSchema } from "../spec/agent.ts";
import { containerResources } from "./resources.ts";

const DEFAULTS = { requests: { cpu: "150m", memory: "1Gi" }, limits: { memory: "2560Mi" } };

test.each([
  ["nothing", {}, DEFAULTS],
  ["a larger request: the limit follows", { requests: { memory: "4Gi" } }, { requests: { cpu: "150m", memory: "4Gi" }, limits: { memory: "4Gi" } }],
  ["a smaller limit: the request follows", { limits: { memory: "512Mi", cpu: "100m" } }, { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "512Mi", cpu: "100m" } }],
  ["both, as they are", { requests: { cpu: 2 }, limits: { cpu: 4 } }, { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "4", memory: "2560Mi" } }],
  ["another resource", { limits: { "ephemeral-storage": "5Gi" } }, { ...DEFAULTS, limits: { memory: "2560Mi", "ephemeral-storage": "5Gi" } }],
])("declaring %s", (_, resources, expected) => {
  expect(containerResources(agentSpecSchema.parse({ resources }))).toEqual(expected);
});
