import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { ChangeSet } from "../../plan/change-set.ts";
import { fleetPlan, type AgentNow, type FleetNow } from "../../plan/fleet-plan.ts";
import type { Output } from "../context.ts";
import { painter } from "../terminal/paint.ts";
import { planText } from "./plan-text.ts";
import { displayWidth } from "../terminal/table.ts";

const id = (kind: string, name: string) => ({ apiVersion: "v1", kind, namespace: "bots", name });
const RESTART_CONFIG = 'spec.template.metadata.annotations["frota.dev/restart-config"]';

const CHANGES: ChangeSet = {
  objects: [
    { id: id("Fleet", "bots"), action: "configured", differences: [{ path: "spec.rollout.bakeTime", before: "2m", after: "5m" }] },
    { id: id("Deployment", "clovis"), agent: "clovis", action: "configured", differences: [{ path: RESTART_CONFIG, before: "a", after: "b" }] },
    { id: id("ConfigMap", "clovis-config"), agent: "clovis", action: "configured", differences: [] },
    { id: id("NetworkPolicy", "clovis"), agent: "clovis", action: "configured", differences: [{ path: "spec.egress", before: [], after: [1] }] },
    { id: id("ConfigMap", "clovis-workspace"), agent: "clovis", action: "created", differences: [] },
    { id: id("Deployment", "eva"), agent: "eva", action: "created", differences: [] },
  ],
  agents: [
    {
      name: "clovis",
      action: "restart",
      restartReasons: [{ path: RESTART_CONFIG, cause: "configuration that needs a restart", before: "a", after: "b" }],
      configuration: [
        { path: "gateway.controlUi.title", before: "Clóvis", after: "Clóvis, o agente que atende as vendas de manhã até a noite", applies: "restart" },
        { path: "agents.defaults.model.primary", before: "google/gemini-3.1-pro-preview", after: "google/gemini-3-flash-preview", applies: "live" },
      ],
    },
    ...["ana", "bia"].map((name) => ({ name, action: "update" as const, restartReasons: [], configuration: [{ path: "tools.exec", after: { ask: "off" }, applies: "live" as const }] })),
    ...["davi", "eli"].map((name) => ({ name, action: "restart" as const, restartReasons: [{ path: "spec.image", cause: "image", before: "registry.example/agent:latest", after: "registry.example/agent:next" }], configuration: [] })),
    { name: "eva", action: "create", restartReasons: [], configuration: [] },
    { name: "roberval", action: "none", restartReasons: [], configuration: [] },
  ],
  leftovers: [id("Service", "old")],
  refusals: [{ code: "SECRET_KEYS_MISSING", message: "Vault has no LINEAR_API_KEY for eva at agents/eva", agent: "eva", next: "frota secrets set eva LINEAR_API_KEY" }],
};

const unknown: AgentNow = { isUp: true, lastRestart: 38_000, activity: { state: "unknown", message: "its gateway did not answer in time" } };
const NOW: FleetNow = {
  namespace: "bots",
  pace: { way: "operated", maxDisrupted: 1, canaries: ["davi"], bakeTime: 300_000, quietWait: 600_000 },
  agents: new Map<string, AgentNow>([
    ["clovis", { isUp: true, lastRestart: 42_000, activity: { state: "busy", message: "it answers on a channel" } }],
    ["davi", unknown],
    ["eli", unknown],
    ["roberval", { isUp: true, underWay: "it waits for a restart: Secret" }],
  ]),
  holds: [{ reason: "Frozen", message: "frozen by ana@desk until 2026-11-23 14:30 UTC: Clóvis presents to the board" }],
};

const terminal = (columns: number): Output => ({ write: () => undefined, isTTY: true, columns });
const text = (output: Output, env: Record<string, string> = { NO_COLOR: "1" }) => planText(fleetPlan(CHANGES, NOW), output, painter(output, env));

describe("planText", () => {
  test("at 80 columns", () => {
    expect(text(terminal(80))).toMatchInlineSnapshot(`
      "bots, operated: 1 new agent, 3 restarts, 2 agents that change without one, 1
        agent that stays as it is, 1 object of the fleet

      clovis: restart for configuration that needs a restart; busy now: it answers on
        a channel
        configuration gateway.controlUi.title: "Clóvis" -> "Clóvis, o agente que
          atende as vendas de manhã … (with this restart)
        configuration agents.defaults.model.primary: "google/gemini-3.1-pro-preview"
          -> "google/gemini-3-flash-preview" (while it runs)
        NetworkPolicy: spec.egress
        ConfigMap workspace
      ana, bia: no restart
        configuration tools.exec: (none) -> {"ask":"off"} (while it runs)
      davi, eli: restart for image; busy or not is unknown: its gateway did not answer
        in time
        image: "registry.example/agent:latest" -> "registry.example/agent:next"
      eva: new

      the fleet
        ~ Fleet bots
          rollout.bakeTime: "2m" -> "5m"
      no longer declared, and left alone: Service old

      takes about 12 min, up to 59 min where agents are busy:
        a restart takes 38 s (the median of 3 restarts on record)
        canaries first: davi: 1 at once (maxDisrupted), 1 batch, each watched for 5
          min 00 s (bakeTime)
        then the others: eli: 1 at once (maxDisrupted), 1 batch, each watched for 5
          min 00 s (bakeTime)
        restarts: clovis: 1 at once (maxDisrupted), 1 batch
        3 batches with agents that may be busy, each waited for up to 15 min 45 s
          (quietWait, then the drain of running turns)

      held back until somebody, or the clock, says so:
        frozen by ana@desk until 2026-11-23 14:30 UTC: Clóvis presents to the board

      under way already, whatever is applied:
        roberval: it waits for a restart: Secret

      refused SECRET_KEYS_MISSING: Vault has no LINEAR_API_KEY for eva at agents/eva
        next: frota secrets set eva LINEAR_API_KEY
      "
    `);
  });

  test("where nobody restarts, who changes is told to change without a restart", () => {
    const [, ana] = CHANGES.agents;
    const plan = fleetPlan({ ...CHANGES, objects: [], leftovers: [], refusals: [], agents: ana ? [ana] : [] }, NOW);
    expect(planText(plan, terminal(80), painter(terminal(80), { NO_COLOR: "1" })).split("\n")[0]).toMatch(/^bots, operated: 1 agent that changes without a restart/);
  });

  test("at 140 columns", () => {
    expect(text(terminal(140))).toMatchInlineSnapshot(`
      "bots, operated: 1 new agent, 3 restarts, 2 agents that change without one, 1 agent that stays as it is, 1 object of the fleet

      clovis: restart for configuration that needs a restart; busy now: it answers on a channel
        configuration gateway.controlUi.title: "Clóvis" -> "Clóvis, o agente que atende as vendas de manhã … (with this restart)
        configuration agents.defaults.model.primary: "google/gemini-3.1-pro-preview" -> "google/gemini-3-flash-preview" (while it runs)
        NetworkPolicy: spec.egress
        ConfigMap workspace
      ana, bia: no restart
        configuration tools.exec: (none) -> {"ask":"off"} (while it runs)
      davi, eli: restart for image; busy or not is unknown: its gateway did not answer in time
        image: "registry.example/agent:latest" -> "registry.example/agent:next"
      eva: new

      the fleet
        ~ Fleet bots
          rollout.bakeTime: "2m" -> "5m"
      no longer declared, and left alone: Service old

      takes about 12 min, up to 59 min where agents are busy:
        a restart takes 38 s (the median of 3 restarts on record)
        canaries first: davi: 1 at once (maxDisrupted), 1 batch, each watched for 5 min 00 s (bakeTime)
        then the others: eli: 1 at once (maxDisrupted), 1 batch, each watched for 5 min 00 s (bakeTime)
        restarts: clovis: 1 at once (maxDisrupted), 1 batch
        3 batches with agents that may be busy, each waited for up to 15 min 45 s (quietWait, then the drain of running turns)

      held back until somebody, or the clock, says so:
        frozen by ana@desk until 2026-11-23 14:30 UTC: Clóvis presents to the board

      under way already, whatever is applied:
        roberval: it waits for a restart: Secret

      refused SECRET_KEYS_MISSING: Vault has no LINEAR_API_KEY for eva at agents/eva
        next: frota secrets set eva LINEAR_API_KEY
      "
    `);
  });

  test.each([60, 80, 140])("no line is longer than %i columns, in color as well", (columns) => {
    const colored = text(terminal(columns), {});
    expect(colored).toContain("\u001B[");
    expect(stripVTControlCharacters(colored)).toBe(text(terminal(columns)));
    expect(Math.max(...colored.split("\n").map(displayWidth))).toBeLessThanOrEqual(columns);
  });

  test.each([
    ["registry.example/some-organization/agents/openclaw:latest", "registry.example/some-organization/agents/openclaw:tral", '"…agents/openclaw:latest" -> "…agents/openclaw:tral"'],
    ["a".repeat(60), "b".repeat(60), `"${"a".repeat(47)}… -> "${"b".repeat(47)}…`],
    [undefined, "b".repeat(60), `(none) -> "${"b".repeat(47)}…`],
    ["agent:1", "agent:2", '"agent:1" -> "agent:2"'],
  ])("two long values are shown from where they differ (%s, %s)", (before, after, shown) => {
    const output: Output = { write: () => undefined };
    const agent = { name: "davi", action: "restart" as const, restartReasons: [{ path: "image", cause: "image", before, after }], configuration: [] };
    const told = planText(fleetPlan({ objects: [], leftovers: [], refusals: [], agents: [agent] }, NOW), output, painter(output, {}));
    expect(told).toContain(`  image: ${shown}\n`);
  });

  test("nothing to do is one line", () => {
    const output = terminal(80);
    const plan = fleetPlan({ objects: [], agents: [], leftovers: [], refusals: [] }, { ...NOW, agents: new Map(), pace: { way: "plain" } });
    expect(planText(plan, output, painter(output, { NO_COLOR: "1" }))).toBe("bots, the plain way: no changes, the cluster is what the files say\n");
  });

  test("a thousand agents to whom the same happens take a few lines", () => {
    const output: Output = { write: () => undefined };
    const names = Array.from({ length: 1000 }, (_, index) => `agent-${index}`);
    const reason = { path: "spec.template.spec.containers[openclaw].env[A].value", cause: "environment", before: "1", after: "2" };
    const changes = { ...CHANGES, objects: [], refusals: [], leftovers: [], agents: names.map((name) => ({ name, action: "restart" as const, restartReasons: [reason], configuration: [] })) };
    const shown = planText(fleetPlan(changes, { ...NOW, agents: new Map(names.map((name) => [name, unknown])) }), output, painter(output, {}));
    expect(shown).toContain("agent-0, agent-1, agent-2, agent-3, agent-4 and 995 more: restart for environment");
    expect(shown.split("\n").length).toBeLessThan(15);
  });
});
