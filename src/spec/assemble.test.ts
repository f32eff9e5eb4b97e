import { describe, expect, test } from "vitest";
import { assembleFleet } from "./assemble.ts";
import type { Diagnostic } from "./diagnostic.ts";

const FLEET = `apiVersion: frota.dev/v1alpha1
kind: Fleet
metadata: {name: digitalsys, namespace: bots}
spec:
  nodePool: {name: bots}
  image: {repository: registry.example.com/openclaw-agent}
  storage: {className: do-block-storage}
  vault: {address: "https://vault:8200", auth: {role: agents}}
`;
const DEFAULTS = `  defaults:
    secrets: {required: [OPENCLAW_GATEWAY_TOKEN, GEMINI_API_KEY]}
    storage: {size: 15Gi}
    env: {TZ: UTC, LANG: C.UTF-8}
    network: {egress: [{cidr: 10.0.0.0/8}]}
    openclaw: {agents: {defaults: {model: {primary: google/x, fallbacks: [a, b]}}}}
`;

function agentText(name: string, spec: string): string {
  return `apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

/** Findings for one agent `clovis` with this text below `spec:` (line 5 on), as `file:line:column CODE`. */
function findings(spec: string, files: Record<string, string> = {}): string[] {
  return short(check({ "clovis/agent.yaml": agentText("clovis", spec), ...files }));
}

function check(files: Record<string, string>): readonly Diagnostic[] {
  return assembleFleet(new Map(Object.entries({ "fleet.yaml": FLEET + DEFAULTS, ...files }))).diagnostics;
}

function short(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`);
}

describe("defaults", () => {
  const spec = `  secrets: {required: [GITHUB_TOKEN, GEMINI_API_KEY]}
  env: {TZ: America/Sao_Paulo}
  network: {egress: [{namespace: tools}]}
  openclaw: {agents: {defaults: {model: {fallbacks: [c]}}}}
`;
  const { source, diagnostics } = assembleFleet(new Map([["fleet.yaml", FLEET + DEFAULTS], ["clovis/agent.yaml", agentText("clovis", spec)]]));
  const merged = source?.agents[0]?.agent.spec;

  test("maps merge and the agent wins", () => {
    expect(diagnostics).toEqual([]);
    expect(merged?.env).toEqual({ TZ: "America/Sao_Paulo", LANG: "C.UTF-8" });
    expect(merged?.storage.size).toBe("15Gi");
  });

  test("required secrets and network rules add up, each once", () => {
    expect(merged?.secrets.required).toEqual(["OPENCLAW_GATEWAY_TOKEN", "GEMINI_API_KEY", "GITHUB_TOKEN"]);
    expect(merged?.network.egress).toEqual([{ cidr: "10.0.0.0/8", protocol: "TCP" }, { namespace: "tools", protocol: "TCP" }]);
  });

  test("other lists replace", () => {
    expect(merged?.openclaw).toEqual({ agents: { defaults: { model: { primary: "google/x", fallbacks: ["c"] } } } });
  });

  test("an agent without spec is all defaults, and the schema's where the fleet has none", () => {
    const text = "apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata: {name: clovis}\n";
    const agents = assembleFleet(new Map([["fleet.yaml", FLEET], ["clovis/agent.yaml", text]])).source?.agents;
    expect(agents?.[0]?.agent.spec).toMatchObject({ storage: { size: "10Gi" }, workspace: { mode: "seed" }, env: {} });
  });
});

describe("the shape of a file", () => {
  test.each([
    ["an unknown field, at its key, with what was meant", "  storge: {size: 10Gi}\n", "clovis/agent.yaml:5:3 UNKNOWN_FIELD", "did you mean `storage`?"],
    ["a field one level too high", "  size: 10Gi\n", "clovis/agent.yaml:5:3 UNKNOWN_FIELD", "`size` belongs in `spec.storage`"],
    ["a scalar in place of a list", "  secrets: {required: A}\n", "clovis/agent.yaml:5:23 WRONG_TYPE", "write it as a list: [...]"],
    ["text in place of a number", "  network: {egress: [{cidr: 10.0.0.0/8, ports: ['5432']}]}\n", "clovis/agent.yaml:5:49 WRONG_TYPE", "write `5432`, without quotes"],
    ["a word in place of true", "  suspend: sim\n", "clovis/agent.yaml:5:12 WRONG_TYPE", "write `true`"],
    ["a number in place of text", "  env:\n    DEPTH: 5\n", "clovis/agent.yaml:6:12 WRONG_TYPE", 'put it in quotes: "..."'],
    ["nothing in place of a map", "  storage:\n", "clovis/agent.yaml:5:11 WRONG_TYPE", "indent what belongs to it two deeper than it, or remove the line"],
    ["a quantity that is none", "  storage: {size: 10gb}\n", "clovis/agent.yaml:5:19 INVALID_VALUE", "did you mean `10Gi`?"],
    ["a mode that nearly is one", "  workspace: {mode: enforced}\n", "clovis/agent.yaml:5:21 INVALID_VALUE", "did you mean `enforce`?"],
    ["a name that is none", "  env: {my-var: x}\n", "clovis/agent.yaml:5:9 INVALID_NAME", "did you mean `MY_VAR`?"],
    ["a port out of range, deep in lists", "  network:\n    egress:\n      - cidr: 10.0.0.0/8\n        ports: [443, 70000]\n", "clovis/agent.yaml:8:22 INVALID_VALUE", undefined],
  ])("%s", (_title, spec, expected, fix) => {
    const found = check({ "clovis/agent.yaml": agentText("clovis", spec) });
    expect(short(found)).toEqual([expected]);
    expect(found[0]?.fix).toBe(fix);
  });

  test("what is missing is told at the map that lacks it; a misspelled field not twice", () => {
    const fleet = FLEET.replace("nodePool", "nodepool").replace("repository: registry.example.com/openclaw-agent", "");
    expect(short(check({ "fleet.yaml": fleet }))).toEqual(["fleet.yaml:5:3 UNKNOWN_FIELD", "fleet.yaml:6:3 MISSING_FIELD"]);
  });

  test("non-breaking spaces as indentation are told as such, and nothing that follows from them", () => {
    const found = check({ "fleet.yaml": FLEET.replace("metadata: {name: digitalsys, namespace: bots}", "metadata:\n  name: digitalsys\n\u00a0\u00a0namespace: bots") });
    expect(short(found)).toEqual(["fleet.yaml:5:1 YAML_SYNTAX"]);
    expect(found[0]?.message).toBe("`namespace` is indented with non-breaking spaces, which YAML takes for letters");
  });

  test("one broken agent does not hide another's faults", () => {
    const found = check({ "a/agent.yaml": "a: [", "b/agent.yaml": agentText("b", "  storage: {size: 9Gi}\n") });
    expect(short(found)).toEqual(["a/agent.yaml:1:4 YAML_SYNTAX", "b/agent.yaml:5:19 STORAGE_SIZE"]);
  });
});

describe("rules across files", () => {
  test.each([
    ["a volume too small", "  storage: {size: 9Gi}\n", ["5:19 STORAGE_SIZE"]],
    ["a volume too large", "  storage: {size: 26Gi}\n", ["5:19 STORAGE_SIZE"]],
    ["volumes at both bounds", "  storage: {size: 25Gi}\n", []],
    ["a memory limit below the peak", "  resources: {limits: {memory: 1Gi}}\n", ["5:32 MEMORY_LIMIT"]],
    ["a memory limit that fits", "  resources: {limits: {memory: 2Gi}, requests: {memory: 1Gi}}\n", []],
    ["a request below what is used", "  resources: {requests: {memory: 512Mi}}\n", ["5:34 MEMORY_REQUEST"]],
    ["half a CPU", "  resources: {limits: {cpu: 500m}}\n", ["5:29 CPU_LIMIT"]],
    ["a request over its limit", "  resources: {limits: {cpu: 1}, requests: {cpu: 2}}\n", ["5:49 REQUEST_OVER_LIMIT"]],
    ["a required secret of the fleet as plain variable", "  env: {GEMINI_API_KEY: x}\n", ["5:9 SECRET_IN_ENV"]],
    ["a variable that Frota sets", "  env: {HOME: /tmp}\n", ["5:9 RESERVED_ENV"]],
    ["a credential by its name", "  env: {DB_PASSWORD: hunter2}\n", ["5:22 CREDENTIAL_IN_ENV"]],
    ["a credential by its shape", `  env: {X: lin_api_${"a1".repeat(20)}}\n`, ["5:12 CREDENTIAL_IN_ENV"]],
    ["harmless variables", "  env: {TOKEN_FILE: /run/x, MAX_TOKENS: '500', API_URL: 'https://x.example.com'}\n", []],
    ["a setting that Frota makes", "  openclaw: {gateway: {port: 1}}\n", ["5:24 RESERVED_SETTING"]],
    ["a literal secret in the configuration", "  openclaw: {channels: {telegram: {botToken: abc}}}\n", ["5:46 CREDENTIAL_IN_CONFIG"]],
    ["a variable that nothing gives", '  openclaw: {hooks: {token: "${HOOKS_TOKEN}"}}\n', ["5:29 UNDECLARED_VARIABLE"]],
    ["a secret reference that nothing gives", "  openclaw: {hooks: {token: {source: env, provider: default, id: HOOKS}}}\n", ["5:66 UNDECLARED_VARIABLE"]],
    ["a variable that is a required secret", '  openclaw: {hooks: {token: "${GEMINI_API_KEY}"}}\n', []],
    ["literal text that looks like a variable", '  openclaw: {ui: {x: "$${NOT}"}}\n', []],
    ["a file that does not exist", "  workspace: {files: {SOUL.md: enforce}}\n", ["5:23 WORKSPACE_FILE_MISSING"]],
  ])("%s", (_title, spec, expected) => {
    expect(findings(spec)).toEqual(expected.map((place) => `clovis/agent.yaml:${place}`));
  });

  test("a default that is wrong is told once, in fleet.yaml, however many agents have it", () => {
    const fleet = `${FLEET}  defaults:\n    storage: {size: 5Gi}\n`;
    const agents = { "a/agent.yaml": agentText("a", "  env: {A: b}\n"), "b/agent.yaml": agentText("b", "  env: {A: b}\n") };
    expect(short(check({ "fleet.yaml": fleet, ...agents }))).toEqual(["fleet.yaml:10:21 STORAGE_SIZE"]);
  });

  test.each([
    ["two agents of one name", { "copy/agent.yaml": agentText("clovis", "  {}\n") }, ["copy/agent.yaml:3:18 DUPLICATE_AGENT", "copy/agent.yaml:3:18 FOLDER_NAME"]],
    ["a second Fleet", { "other/fleet.yaml": FLEET }, ["other/fleet.yaml:2:7 SECOND_FLEET"]],
    ["an Agent where nothing reads it", { "team/x/agent.yaml": agentText("x", "  {}\n") }, ["team/x/agent.yaml:2:7 STRAY_AGENT"]],
    ["rendered resources, which are not read", { "clovis/k8s/fleet.yaml": FLEET }, []],
    ["a workspace without agent", { "x/workspace/A.md": "hi" }, ["x/workspace/A.md:1:1 NO_AGENT_FILE"]],
    ["memory that would be overwritten", { "clovis/workspace/MEMORY.md": "", "clovis/agent.yaml": agentText("clovis", "  workspace: {mode: enforce}\n") }, ["clovis/agent.yaml:5:15 MEMORY_OVERWRITTEN"]],
    ["a workspace too large for a ConfigMap", { "clovis/workspace/A.md": "x".repeat(950_000) }, ["clovis/agent.yaml:4:1 WORKSPACE_TOO_LARGE"]],
    ["a workspace that plain kubectl still takes", { "clovis/workspace/A.md": "x".repeat(250_000) }, []],
    ["a workspace too large for the annotation of plain kubectl, by its quotes", { "clovis/workspace/A.md": '"'.repeat(130_000) + "x".repeat(10_000) }, ["clovis/agent.yaml:4:1 WORKSPACE_LARGE"]],
    ["a path that a ConfigMap key just holds", { [`clovis/workspace/${"a".repeat(250)}.md`]: "" }, []],
    ["a path that is one character longer than a ConfigMap key", { [`clovis/workspace/${"a".repeat(251)}.md`]: "" }, ["clovis/agent.yaml:4:1 WORKSPACE_PATH_TOO_LONG"]],
    ["a path whose slashes and accents count more", { [`clovis/workspace/${"é/".repeat(28)}A.md`]: "" }, ["clovis/agent.yaml:4:1 WORKSPACE_PATH_TOO_LONG"]],
    ["a reserved name", { "default/agent.yaml": agentText("default", "  {}\n") }, ["default/agent.yaml:3:18 RESERVED_NAME"]],
    ["another namespace", { "clovis/agent.yaml": agentText("clovis, namespace: other", "  {}\n") }, ["clovis/agent.yaml:3:37 NAMESPACE_MISMATCH"]],
  ])("%s", (_title, files, expected) => {
    expect(findings("  {}\n", files)).toEqual(expected);
  });

  test.each([
    ["a canary that is no agent", "[clovis, clovs]", ["fleet.yaml:9:32 CANARY_UNKNOWN"]],
    ["a canary whose own file is not valid", "[clovis, broken]", ["broken/agent.yaml:1:1 YAML_EMPTY"]],
  ])("%s", (_title, canaries, expected) => {
    const files = canaries.includes("broken") ? { "broken/agent.yaml": "" } : {};
    const found = findings("  {}\n", { "fleet.yaml": `${FLEET}  rollout: {canaries: ${canaries}}\n`, ...files });
    expect(found).toEqual(expected);
  });

  test("an agent.yml is to be renamed", () => {
    expect(check({ "ana/agent.yml": agentText("ana", "  {}\n") })).toEqual([expect.objectContaining({ code: "STRAY_AGENT", fix: "rename the file to agent.yaml" })]);
  });

  test("no fleet.yaml", () => {
    const { source, diagnostics } = assembleFleet(new Map());
    expect([source, short(diagnostics)]).toEqual([undefined, ["fleet.yaml:1:1 FLEET_MISSING"]]);
  });
});

test("no finding quotes a value", () => {
  const secret = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
  const spec = `  env: {A: ${secret}, B: [${secret}]}\n  storage: {size: ${secret}}\n  workspace: {mode: ${secret}, ${secret}: 1}\n  image: {tag: {x: ${secret}}, digest: ${secret}}\n  openclaw: {x: ${secret}}\n`;
  const found = check({ "clovis/agent.yaml": agentText("clovis", spec), "b/agent.yaml": agentText(secret, `  openclaw: {x: ${secret}}\n`) });
  expect(found.length).toBeGreaterThan(5);
  expect(JSON.stringify(found)).not.toContain(secret);
});
