import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { Metrics } from "./metrics.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url: string };
}

const root = join(import.meta.dirname, "..", "..");
const { groups }: { groups: { rules: Rule[] }[] } = parse(readFileSync(join(root, "controller", "alerts.yaml"), "utf8"));
const rules = groups.flatMap((group) => group.rules);

test("every alert is on metrics that the controller has, and has its section in the runbooks", async () => {
  const metrics = await new Metrics({ queueDepth: () => 0, staleness: () => new Map() }).text();
  const runbooks = readFileSync(join(root, "docs", "guide", "runbooks.md"), "utf8");
  for (const { alert, expr, annotations } of rules) {
    for (const [name] of expr.matchAll(/frota_\w+/g)) expect(metrics).toContain(`# TYPE ${name.replace(/_bucket$/, "")} `);
    expect(runbooks).toContain(`\n## ${alert}\n`);
    expect(annotations.runbook_url).toBe(`docs/guide/runbooks.md#${alert.toLowerCase()}`);
  }
  expect(rules.length).toBeGreaterThan(5);
});
