import { defineConfig } from "vitest/config";
import { PlainFirst } from "./test/lab/sequencer.ts";

/**
 * Minutes in which a node is lost, one agent fails in thirteen ways, another fleet with an image of its own comes alive, or the installed package has a
 * lab of its own: `npm run test:long` has them, `npm test` has not.
 */
const LONG = ["test/lab/operated/nodes.test.ts", "test/lab/troubles.test.ts", "test/lab/second-fleet.test.ts", "test/lab/installed.test.ts"];

/** On a lab of its own: the controller would put back what the tests of the plain way apply with `kubectl`. */
const OPERATED = "test/lab/operated/**/*.test.ts";

const onLab = { globalSetup: ["test/lab/global-setup.ts"], testTimeout: 600_000, hookTimeout: 900_000, fileParallelism: false };

/**
 * Projects: `unit` (seconds), `simulation` (the engine's decisions amid simulated disasters), `guard` (the start guard as real processes),
 * `package` (what npm packs, installed elsewhere), `api` (a real API server), `lab` (the whole lab), `operated` (the lab and its controller), `long` (what takes too long for `npm test`),
 * `gitops` (Argo CD and Flux against a real API server; not in `npm test` either, since building them takes long).
 */
export default defineConfig({
  test: {
    sequence: { sequencer: PlainFirst },
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts", "test/unit/**/*.test.ts"] } },
      { test: { name: "guard", include: ["test/start-guard/**/*.test.ts"] } },
      { test: { name: "simulation", include: ["test/simulation/**/*.test.ts"], testTimeout: 120_000 } },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["test/package/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "api",
          include: ["test/api/**/*.test.ts"],
          globalSetup: ["test/api/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "gitops",
          include: ["test/gitops/**/*.test.ts"],
          globalSetup: ["test/gitops/global-setup.ts"],
          testTimeout: 400_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      { test: { ...onLab, name: "lab", include: ["test/lab/**/*.test.ts"], exclude: [OPERATED, ...LONG] } },
      { test: { ...onLab, name: "operated", include: [OPERATED], exclude: LONG } },
      { test: { ...onLab, name: "long", include: [...LONG, "test/lab/operated/images.test.ts"] } },
    ],
  },
});
