import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderAgent } from "../render/agent.ts";
import { renderFleet } from "../render/fleet.ts";
import type { Manifest } from "../render/manifest.ts";
import { agentSchema } from "../spec/agent.ts";
import { assembleFleet } from "../spec/assemble.ts";
import { mergeDefaults } from "../spec/merge.ts";
import { valueAt } from "../spec/plain-data.ts";
import type { FleetSource } from "../spec/repository.ts";
import { overlayForLab } from "./overlay.ts";

const MODEL = { address: "10.213.0.2", port: 18900 };
const root = join(import.meta.dirname, "..", "..", "agents");
const files = globSync("{fleet.yaml,*/agent.yaml,*/workspace/**/*.*}", { cwd: root });
const { source } = assembleFleet(new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")])));
if (!source) throw new Error("the committed fleet is not valid");

function rendered({ fleet, agents }: FleetSource): Manifest[] {
  return [...renderFleet(fleet), ...agents.flatMap((agent) => renderAgent(fleet, agent))];
}

interface Editable {
  spec: { egress: unknown[] };
  data: Record<string, unknown> | { readonly [key: string]: unknown };
}

/** What the overlay may change, taken out: everything else must be the same to the letter. */
function withoutOverlay(manifest: Manifest): unknown {
  const copy = structuredClone<unknown>(manifest) as Editable;
  if (manifest.kind === "NetworkPolicy") {
    const isModel = (rule: unknown) => JSON.stringify(rule).includes(`${MODEL.address}/32`);
    copy.spec.egress = copy.spec.egress.filter((rule: unknown) => !isModel(rule));
  }
  if (manifest.kind === "ConfigMap" && manifest.metadata.name.endsWith("-config")) {
    const configuration = JSON.parse(String(copy.data["openclaw.json"])) as Record<string, unknown>;
    delete configuration["models"];
    copy.data = configuration;
  }
  return copy;
}

test("the lab runs the committed fleet: only the model's endpoint and one egress rule differ", () => {
  const committed = rendered(source);
  const lab = rendered(overlayForLab(source, MODEL));
  expect(lab.map(withoutOverlay)).toEqual(committed.map(withoutOverlay));
  expect(lab).not.toEqual(committed);
});

test("agents keep the model that production names", () => {
  const overlaid = overlayForLab(source, MODEL);
  for (const [index, { agent }] of overlaid.agents.entries()) {
    expect(agent.spec.openclaw["agents"]).toEqual(source.agents[index]?.agent.spec.openclaw["agents"]);
    expect(agent.spec.openclaw["models"]).toMatchObject({ providers: { google: { baseUrl: "http://10.213.0.2:18900" } } });
  }
});

test("the operated way gets the same: the resources as written, with the overlay in the Fleet's defaults, resolve to the same agents", () => {
  const overlaid = overlayForLab(source, MODEL);
  for (const { agent, written } of overlaid.agents) {
    const spec = mergeDefaults(valueAt(overlaid.written, ["spec", "defaults"]), written["spec"]);
    expect(agentSchema.parse({ ...written, spec }).spec).toEqual(agent.spec);
  }
});
