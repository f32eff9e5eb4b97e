import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { actionlint, workflows } from "../../scripts/lint-workflows.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const paths = await workflows(ROOT);
const read = (path: string) => readFile(join(ROOT, path), "utf8");

describe.each(paths)("%s", (path) => {
  test("passes actionlint", async () => {
    expect(await actionlint(path, await read(path))).toEqual([]);
  });

  test("pins every action to a commit, with its version beside it", async () => {
    const uses = (await read(path)).match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("gives its token no more than reading", async () => {
    const { permissions, jobs } = parse(await read(path));
    expect(permissions).toEqual({});
    for (const job of Object.values<{ permissions: unknown }>(jobs)) expect(job.permissions).toEqual({ contents: "read" });
  });
});

test("actionlint finds a planted fault", async () => {
  const text = (await read(paths[0] ?? "")).replace("github.sha", "github.shaa");
  expect((await actionlint("planted.yaml", text)).join()).toContain("shaa");
});

test("the base image is built from the folder whose changes start the workflow", async () => {
  const { on, jobs } = parse(await read(".github/workflows/base-image.yaml"));
  const build = jobs.build.steps.find((step: { id?: string }) => step.id === "build");
  expect(on.push.paths).toContain(`${build.with.context}/**`);
});
