import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { blocks, documents, frotaArguments, shellCommands } from "../unit/documents.ts";
import { acquire } from "../../src/lab/components/acquire.ts";
import { agentsReady, chat, CHECKOUT, fleetReady, frota, kubectl, labEnvironment, layoutOf, NAMESPACE, podOf } from "./lab.ts";

const commands = documents()
  .flatMap(blocks)
  .filter(({ language }) => language === "sh")
  .flatMap(shellCommands);

/** Command lines of the documents as arguments of frota, each once, that fit. */
function lines(fit: RegExp): string[][] {
  const texts = commands.map(({ words }) => frotaArguments(words)?.map((word) => JSON.stringify(word)).join(",") ?? "");
  const found = [...new Set(texts)].map((text): string[] => JSON.parse(`[${text}]`) as string[]);
  return found.filter((words) => fit.test(words.join(" ")) && !words.some((word) => ["--context", "--follow", "--watch", "--previous"].includes(word)));
}

/** Runs a line as a user's shell does, with the lab's kubeconfig and kubectl. */
async function inShell(line: string, cwd: string = CHECKOUT) {
  const { files } = await acquire("kubernetes", { progress: () => undefined, signal: AbortSignal.timeout(600_000), env: process.env });
  const path = `${dirname(files["kubectl"] ?? "")}:${process.env["PATH"]}`;
  return execa("sh", ["-c", line], { cwd, env: { ...labEnvironment(), KUBECONFIG: layoutOf().kubeconfig, PATH: path }, reject: false });
}

const reading = lines(/^(status|logs|events|secrets (list|status)|doctor|check|diff|plan|drift|adopt .+ --dry-run|lab (status|kubeconfig)|image (digest|check)|explain|version)\b/);

beforeAll(() => fleetReady());

describe("commands of the documents that only read", () => {
  test.each(reading.map((words) => [words.join(" "), words] as const))("frota %s", async (line, words) => {
    const { code, stdout, stderr } = await frota(words);
    // The answer may be "there are differences" or "one chain is broken"; what counts is that there is one.
    const answers = /^(diff|plan|drift|secrets status)/.test(line) ? [0, 1] : [0];
    expect(answers, stderr).toContain(code);
    expect(stdout + stderr).not.toBe("");
  });
});

describe("commands of the documents that act", () => {
  test("the two chat lines of the first hour are one conversation", async () => {
    const [first, second] = lines(/^chat clovis "?(Olá|And)/);
    await frota(first ?? []);
    const { code, stdout } = await frota(second ?? []);
    expect(code).toBe(0);
    expect(stdout).toMatch(/I remember \d+ earlier message/);
  });

  test("the page on plain kubectl works line by line, with one restart, and the process then has the new secret", async () => {
    const before = await podOf("clovis");
    const set = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], { input: `docs-${Date.now()}` });
    expect(set.code, set.stderr).toBe(0);
    expect(set.stdout).toContain(`still running with the older value: ${before.metadata.name}. Restart with: frota restart clovis`);
    expect((await frota(["secrets", "status", "clovis"])).code).toBe(1);

    const page = documents().filter(({ path }) => path === "docs/guide/plain-kubectl.md");
    const kubectlLines = new Set(page.flatMap(blocks).flatMap(({ text }) => text.split("\n")).filter((line) => line.startsWith("kubectl ")));
    expect(kubectlLines.size).toBeGreaterThan(5);
    for (const line of kubectlLines) {
      // As the page says of the lab, whose agents read at their start which model to ask: the committed files name the production model.
      if (line.startsWith("kubectl rollout restart")) expect((await frota(["apply"])).code).toBe(0);
      const { exitCode, stderr } = await inShell(line);
      expect(exitCode, `${line}: ${stderr}`).toBeLessThanOrEqual(line.startsWith("kubectl diff") ? 1 : 0);
    }

    await agentsReady(["clovis"]);
    expect((await podOf("clovis")).metadata.uid).not.toBe(before.metadata.uid);
    expect((await frota(["secrets", "status", "clovis"])).code).toBe(0);
    expect(await chat("clovis", `docs-${process.pid}`, "Are you there?")).toContain("Are you there?");
  });

  test("what the guides do inside of a pod works there, and a backup comes out of it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "frota-guides-"));
    try {
      const guides = documents().filter(({ path }) => path.startsWith("docs/guide/"));
      const inPods = guides.flatMap(blocks).flatMap(({ text }) => text.split("\n")).filter((line) => line.startsWith("kubectl exec "));
      expect(inPods.length).toBeGreaterThan(3);
      for (const line of inPods) {
        const { exitCode, stderr } = await inShell(line, folder);
        expect(exitCode, `${line}: ${stderr}`).toBe(0);
      }
      const { stdout } = await execa("tar", ["tf", join(folder, "clementina.tar")]);
      expect(stdout).toMatch(/^backup\/.+\.tar\.gz$/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("deleting a claim is refused with the sentence that the page on memory shows", async () => {
    const refused = kubectl("delete", "pvc", "clovis-state", "-n", NAMESPACE);
    await expect(refused).rejects.toThrow("volume claim clovis-state holds the memory of agents; to delete it all the same, first run: kubectl annotate pvc");
  });
});
