import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { codeUses } from "../../scripts/reference/codes.ts";
import { application } from "../../src/cli/app.ts";
import { checkRepository } from "../../src/engine/repository/check-repository.ts";
import { fleetSchema } from "../../src/spec/fleet.ts";
import { runCli } from "../api/cli-run.ts";
import { blocks, commandsOf, documents, frotaArguments, ROOT, shellCommands, type Document } from "./documents.ts";

const all = documents();
/** What tells how things are now; decisions tell how they were found. */
const handWritten = all.filter(({ path }) => !/^docs\/(reference|decisions)\//.test(path));
const commands = handWritten.flatMap(blocks).filter(({ language }) => language === "sh").flatMap(shellCommands);

interface Target {
  getAllEntries?: () => readonly { readonly target: object }[];
  loader?: () => Promise<() => void>;
}

/** Makes every command do nothing, so that a command line is parsed by the real program and no more. */
function disarm(target: Target): void {
  for (const entry of target.getAllEntries?.() ?? []) disarm(entry.target);
  if (target.loader) target.loader = () => Promise.resolve(() => undefined);
}

/** What frota says about a command line without running it; undefined when it takes it. */
async function complaint(words: readonly string[]): Promise<string | undefined> {
  const { code, stderr } = await runCli(words, { cwd: ROOT, env: {} });
  return code === 0 ? undefined : `frota ${words.join(" ")}: ${stderr.trim()}`;
}

/** What npm can do in this project. */
function isNpmCommand(name: string): boolean {
  return ["install", "pack"].includes(name) || Object.hasOwn(packageJson.scripts, name);
}

/** Anchors as the usual renderers make them of headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
  );
}

function withoutBlocks({ text }: Document): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "");
}

describe("links", () => {
  const links = all.flatMap((document) =>
    [...withoutBlocks(document).replaceAll(/`[^`\n]*`/g, "").matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => ({ from: document.path, target })),
  );
  const local = links.filter(({ target }) => !/^[a-z]+:/.test(target));

  test("lead to a file that is there, and to a heading of it", () => {
    const broken = local.filter(({ from, target }) => {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? join(ROOT, from) : join(ROOT, dirname(from), file);
      return !existsSync(path) || (anchor !== undefined && !anchors(readFileSync(path, "utf8")).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test("reach every document from the README", () => {
    const reached = new Set(["README.md"]);
    for (const from of reached) {
      for (const link of local.filter((one) => one.from === from)) reached.add(relative(ROOT, join(ROOT, dirname(from), link.target.split("#")[0] ?? "")));
    }
    // A link to a folder reaches what is in it.
    const folders = new Set([...reached].filter((path) => statSync(join(ROOT, path)).isDirectory()));
    expect(all.map(({ path }) => path).filter((path) => !reached.has(path) && !folders.has(dirname(path)))).toEqual([]);
  });
});

describe("command lines", () => {
  disarm(application.root as Target);

  test("a command, flag or argument that is not there is noticed", async () => {
    for (const words of [["aply"], ["apply", "--forse"], ["logs", "--tail"], ["delete", "clovis", "roberval"], ["lab", "up", "--lab"]]) {
      expect(await complaint(words), words.join(" ")).toBeDefined();
    }
  });

  test("of frota in shell blocks are what the program takes", async () => {
    const lines = commands.flatMap(({ words }) => frotaArguments(words) ?? []).length;
    expect(lines).toBeGreaterThan(50);
    const complaints = await Promise.all(commands.map(({ words }) => frotaArguments(words)).filter((words) => words !== undefined).map(complaint));
    expect(complaints.filter((said) => said !== undefined)).toEqual([]);
  });

  test("of frota in the text are what the program takes", async () => {
    const spans = handWritten.flatMap((document) => [...withoutBlocks(document).matchAll(/`((?:npx |bin\/)?frota [^`<]+)`/g)].map(([, span = ""]) => span));
    expect(spans.length).toBeGreaterThan(50);
    const lines = spans.flatMap(commandsOf).map(frotaArguments).filter((words) => words !== undefined);
    const complaints = await Promise.all(lines.map(complaint));
    // A command's name alone stands for the command.
    expect(complaints.filter((said) => said !== undefined && !/> is missing/.test(said))).toEqual([]);
  });

  test("of frota in examples of the help are what the program takes", async () => {
    const pages = [...readFileSync(join(ROOT, "docs/reference/cli.md"), "utf8").matchAll(/^Examples:\n((?: {2}.+\n)+)/gm)];
    expect(pages.length).toBeGreaterThanOrEqual(25);
    const lines = pages.flatMap(([, examples = ""]) => examples.replaceAll(/\\\n\s+/g, "").split("\n")).flatMap(commandsOf);
    const complaints = await Promise.all(lines.map(frotaArguments).filter((words) => words !== undefined).map(complaint));
    expect(complaints.filter((said) => said !== undefined)).toEqual([]);
  });

  test("of other programs are of a known kind, and name scripts that are there", () => {
    // The last three act on machines of other people, where no test runs them; their pages say so.
    const known = new Set(["kubectl", "cd", "export", "git", "vault", "docker", "pass", "doctl", "helm", "argocd"]);
    const unknown = commands.filter(({ words }) => {
      const [program = "", first = "", second = ""] = words;
      if (frotaArguments(words) || known.has(program)) return false;
      if (program === "npm") return !isNpmCommand(first === "run" ? second : first);
      return !(["node", "sh"].includes(program) && existsSync(join(ROOT, first)));
    });
    expect(unknown).toEqual([]);
  });
});

describe("files that documents show", () => {
  const repository = mkdtempSync(join(tmpdir(), "frota-docs-"));
  afterAll(() => rmSync(repository, { recursive: true }));

  test("are valid agents", async () => {
    const specs = handWritten.flatMap(blocks).filter(({ language, text }) => language === "yaml" && text.startsWith("spec:\n") && !isFleet(text));
    expect(specs.length).toBeGreaterThan(4);
    cpSync(join(ROOT, "agents/fleet.yaml"), join(repository, "fleet.yaml"));
    for (const [index, { text }] of specs.entries()) {
      const folder = join(repository, `agent-${index}`);
      mkdirSync(join(folder, "workspace"), { recursive: true });
      writeFileSync(join(folder, "workspace", "IDENTITY.md"), "An example\n");
      writeFileSync(join(folder, "agent.yaml"), `apiVersion: frota.dev/v1alpha1\nkind: Agent\nmetadata:\n  name: agent-${index}\n${text}`);
    }
    const { diagnostics } = await checkRepository(repository);
    // The fleet's canary is none of these agents.
    expect(diagnostics.filter(({ code }) => !["RENDERED_MISSING", "CANARY_UNKNOWN"].includes(code))).toEqual([]);
  });

  test("are valid parts of a fleet", () => {
    const specs = handWritten.flatMap(blocks).filter(({ language, text }) => language === "yaml" && isFleet(text));
    expect(specs.length).toBeGreaterThan(1);
    const given = parse(readFileSync(join(ROOT, "agents/fleet.yaml"), "utf8"));
    for (const { text } of specs) {
      const { error } = fleetSchema.safeParse({ ...given, spec: { ...given.spec, ...parse(text).spec } });
      expect(error?.message, text).toBeUndefined();
    }
  });
});

/** What only a Fleet has; the rest of a specification is an agent's. */
function isFleet(text: string): boolean {
  return /^spec:\n {2}(disruption|rollout|nodePool|vault|defaults):/.test(text);
}

describe("codes", () => {
  const source = globSync("src/**/*.{ts,mjs,sh}", { cwd: ROOT })
    .filter((file) => !file.includes(".test."))
    .map((file) => readFileSync(join(ROOT, file), "utf8"))
    .join("\n");
  const listed = readFileSync(join(ROOT, "docs/reference/errors.md"), "utf8");

  test("of errors in the source are all in the reference", () => {
    const used = [...source.matchAll(/\bcode: "([A-Z][A-Z0-9_]+)"|\b(?:failure|caution|report|finding|unknown)\((?:[\w.]+\([^()]*(?:\([^()]*\))?[^()]*\), |\w+, )?"([A-Z][A-Z0-9_]+)"/g)];
    const codes = [...new Set(used.map(([, one, other]) => one ?? other ?? ""))].filter((code) => !/^E[A-Z]+$/.test(code));
    expect(codes.length).toBeGreaterThan(120);
    expect(codes.filter((code) => !listed.includes(`\`${code}\``))).toEqual([]);
  });

  test("in documents are codes or variables that the source knows", () => {
    const known = new Set(codeUses(ROOT).map(({ code }) => code));
    const dockerfile = readFileSync(join(ROOT, "agents/base/Dockerfile"), "utf8");
    const agents = globSync("agents/*/agent.yaml", { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
    const named = handWritten.flatMap((document) => [...withoutBlocks(document).matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)].map(([, name = ""]) => name));
    expect(named.filter((name) => !known.has(name) && ![source, dockerfile, agents].some((text) => text.includes(name)))).toEqual([]);
  });
});

test("documents name no machine's paths and are plain text", () => {
  const findings = all.filter(({ text }) => /\/work\/|\/root\/\.(?!openclaw)|\/tmp\/|\p{Extended_Pictographic}/u.test(text.replaceAll(/[✓✗]/g, "")));
  expect(findings.map(({ path }) => path)).toEqual([]);
});
