import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../test/api/cli-run.ts";

let empty: string;
beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), "frota-empty-"));
});
afterAll(() => rm(empty, { recursive: true }));

/** As somebody who has just installed frota: no repository, no cluster, no lab. */
const frota = (argv: readonly string[], env: Record<string, string> = {}) => runCli(argv, { cwd: empty, env: { XDG_DATA_HOME: empty, FROTA_LAB: "none", ...env } });

describe("in a folder with nothing in it", () => {
  test("who has no repository yet is told how to write one", async () => {
    expect(await frota(["check"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error NO_REPOSITORY.*\n {2}next: .*--repo DIR; `frota init` writes a new one\n$/) });
  });

  test("who has named no cluster is told how, and what starts one", async () => {
    expect(await frota(["status"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error NO_CLUSTER.*\n {2}next: .*--context NAME.*kubectl config get-contexts.*frota start/) });
  });

  test("who means a cluster gets no lab, whose demo secrets would go into that cluster's Vault", async () => {
    expect(await frota(["start"], { FROTA_CONTEXT: "prod" })).toMatchObject({ code: 4, stderr: expect.stringMatching(/^error LAB_NOT_MEANT: FROTA_CONTEXT names prod.*\n {2}next: unset FROTA_CONTEXT/) });
  });

  test("doctor looks at the machine all the same", async () => {
    const { stdout, stderr } = await frota(["doctor"]);
    expect(stdout).toMatch(/^This machine, for the lab\n/);
    expect(stdout).toMatch(/\n {2}unknown {2}Fleet repository {2}no fleet\.yaml here.*\n +next: .*`frota init`/);
    expect(stderr).toBe("");
  });

});

describe("a kubeconfig", () => {
  test("that is not there is told as that", async () => {
    const { code, stderr } = await frota(["status", "--context", "prod"], { KUBECONFIG: join(empty, "nowhere") });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error KUBECONFIG_INVALID: there is no kubeconfig\n {2}at: .*nowhere\n {2}next: /)]);
  });

  test("that is no YAML is told in one line, without what it holds", async () => {
    const path = join(empty, "kubeconfig");
    await writeFile(path, "users:\n- name: u\n  user: {token: hunter2\nclusters: []\n");
    const { code, stderr } = await frota(["status", "--context", "prod"], { KUBECONFIG: path });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error KUBECONFIG_INVALID: the kubeconfig cannot be used: .*\n {2}at: .*\n {2}next: .*\n$/)]);
    expect(stderr).not.toContain("hunter2");
  });
});
