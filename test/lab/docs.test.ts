import { beforeAll, describe, expect, test } from "vitest";
import { blocks, documents, frotaArguments, shellCommands } from "../unit/documents.ts";
import { agentsReady, frota, kubectl, NAMESPACE, podOf } from "./lab.ts";

const commands = documents()
  .flatMap(blocks)
  .filter(({ language }) => language === "sh")
  .flatMap(shellCommands);

/** Command lines of the documents as arguments of frota, each once, that fit. */
function lines(fit: RegExp): string[][] {
  const texts = commands.map(({ words }) => frotaArguments(words)?.map((word) => JSON.stringify(word)).join(",") ?? "");
  const found = [...new Set(texts)].map((text): string[] => JSON.parse(`[${text}]`) as string[]);
  return found.filter((words) => fit.test(words.join(" ")) && !words.some((word) => ["--context", "--follow", "--previous"].includes(word)));
}

const reading = lines(/^(status|logs|secrets (list|status)|doctor|check|diff|lab (status|kubeconfig)|image (digest|check)|version)\b/);

beforeAll(() => agentsReady());

describe("commands of the documents that only read", () => {
  test.each(reading.map((words) => [words.join(" "), words] as const))("frota %s", async (line, words) => {
    const { code, stdout, stderr } = await frota(words);
    // The answer may be "there are differences" or "one chain is broken"; what counts is that there is one.
    const answers = /^(diff|secrets status)/.test(line) ? [0, 1] : [0];
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

  test("secrets set says which pod still runs with the older value, and restart gives it the new one", async () => {
    const before = await podOf("clovis");
    const set = await frota(["secrets", "set", "clovis", "GITHUB_TOKEN"], { input: `docs-${Date.now()}` });
    expect(set.code, set.stderr).toBe(0);
    expect(set.stdout).toContain(`still running with the older value: ${before.metadata.name}. Restart with: frota restart clovis`);
    expect((await frota(["secrets", "status", "clovis"])).code).toBe(1);
    expect((await frota(["restart", "clovis"])).code).toBe(0);
    expect((await frota(["secrets", "status", "clovis"])).code).toBe(0);
  });

  test("deleting a claim is refused with the sentence that the page on memory shows", async () => {
    const refused = kubectl("delete", "pvc", "clovis-state", "-n", NAMESPACE);
    await expect(refused).rejects.toThrow("volume claim clovis-state holds the memory of agents; to delete it all the same, first run: kubectl annotate pvc");
  });
});
