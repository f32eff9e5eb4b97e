import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { acquire } from "../../src/lab/components/acquire.ts";
import { CHECKOUT, fleetReady, kubectl, layoutOf } from "./lab.ts";

const AGENTS = ["clovis", "roberval", "clementina"];

/** Objects in which the live cluster differs from files, as `kind.name`. */
async function differing(folder: string): Promise<readonly string[]> {
  const { files } = await acquire("kubernetes", { progress: () => undefined, signal: AbortSignal.timeout(600_000), env: process.env });
  const { stdout, stderr, exitCode } = await execa(
    files["kubectl"] ?? "kubectl",
    [`--kubeconfig=${layoutOf().kubeconfig}`, "diff", "--server-side", "--field-manager=frota", "-f", folder],
    { cwd: CHECKOUT, reject: false },
  );
  expect(exitCode, stderr).toBeLessThan(2);
  // kubectl names the compared files <group>.<version>.<kind>.<namespace>.<name>.
  const names = stdout.split("\n").filter((line) => line.startsWith("+++ "));
  return names.map((line) => /\.(\w+)\.(\w+\.[\w-]+)\s/.exec(line)?.slice(1).join(" ") ?? line);
}

beforeAll(() => fleetReady());

describe.concurrent("the committed files work with plain kubectl", () => {
  test.each(["agents/k8s", ...AGENTS.map((agent) => `agents/${agent}/k8s`)])("kubectl apply accepts %s, because Frota must not be needed", async (folder) => {
    await expect(kubectl("apply", "--dry-run=server", "-f", folder)).resolves.toMatch(/configured|unchanged|created/);
  });

  test.each(AGENTS)("of %s, the cluster differs from Git only by what the lab overlays: model endpoint and egress", async (agent) => {
    const differences = await differing(`agents/${agent}/k8s`);
    expect([...differences].sort()).toEqual([`ConfigMap bots.${agent}-config`, `NetworkPolicy bots.${agent}`]);
  });

  test("of the fleet's own objects, the cluster differs in nothing", async () => {
    expect(await differing("agents/k8s")).toEqual([]);
  });
});
