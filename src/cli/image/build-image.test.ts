import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../../test/api/cli-run.ts";
import { nowhere, unconsumedText } from "./build-image.ts";

test("an argument that nothing takes is named, with the one that was probably meant", () => {
  const found = { names: ["OPENCLAW_VERSON", "FOO"], declared: ["BASE_IMAGE", "OPENCLAW_VERSION"] };
  expect(unconsumedText(found, { write: () => undefined })).toBe(
    "warning: build argument OPENCLAW_VERSON is not consumed: base/Dockerfile has no ARG OPENCLAW_VERSON; did you mean `OPENCLAW_VERSION`?\n" +
      "warning: build argument FOO is not consumed: base/Dockerfile has no ARG FOO; allowed here: `BASE_IMAGE`, `OPENCLAW_VERSION`\n",
  );
});

test.each([
  ["as root on Linux", { system: "linux", userId: 0 }, "start the lab: `frota start`; or name another registry: --push registry.example.com/acme/agent"],
  ["as somebody else on Linux", { system: "linux", userId: 1000 }, "use the lab as root, who alone starts and sees one: `sudo frota start`; or name another registry: --push registry.example.com/acme/agent"],
  ["where nothing can be built", { system: "darwin", userId: 501 }, "push to main and let the workflow build: building here needs Linux and root"],
])("without a lab it is asked where the image goes, with the ways that there are: %s", (_where, platform, advice) => {
  const { code, message, next } = nowhere("registry.example.com/acme/agent", "default", platform);
  expect([code, message, next]).toEqual(["PUSH_UNNAMED", "lab default is not running, to whose registry the image would go", advice]);
});

test("the command asks so: there is no --context to give", async () => {
  const cwd = join(import.meta.dirname, "../../../agents");
  const { code, stderr } = await runCli(["image", "build"], { cwd, env: { HOME: "/nonexistent", FROTA_LAB: "none" } });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^error PUSH_UNNAMED: lab none is not running, .+\n {2}next: .*`(?:sudo )?frota start`; or name another registry: --push registry\.digitalocean\.com\/\S+\n$/)]);
});
