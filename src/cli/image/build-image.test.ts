import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../../test/api/cli-run.ts";
import { unconsumedText } from "./build-image.ts";

test("an argument that nothing takes is named, with the one that was probably meant", () => {
  const found = { names: ["OPENCLAW_VERSON", "FOO"], declared: ["BASE_IMAGE", "OPENCLAW_VERSION"] };
  expect(unconsumedText(found, { write: () => undefined })).toBe(
    "warning: build argument OPENCLAW_VERSON is not consumed: base/Dockerfile has no ARG OPENCLAW_VERSON; did you mean `OPENCLAW_VERSION`?\n" +
      "warning: build argument FOO is not consumed: base/Dockerfile has no ARG FOO; allowed here: `BASE_IMAGE`, `OPENCLAW_VERSION`\n",
  );
});

test("without a lab it is asked where the image goes: there is no --context to give", async () => {
  const cwd = join(import.meta.dirname, "../../../agents");
  const { code, stderr } = await runCli(["image", "build"], { cwd, env: { HOME: "/nonexistent", FROTA_LAB: "none" } });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^error PUSH_UNNAMED: lab none is not running, .+\n {2}next: start the lab: `frota start`; or name another registry: --push registry\.digitalocean\.com\/\S+\n$/)]);
});
