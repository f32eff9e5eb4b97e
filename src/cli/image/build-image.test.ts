import { expect, test } from "vitest";
import { unconsumedText } from "./build-image.ts";

test("an argument that nothing takes is named, with the one that was probably meant", () => {
  const found = { names: ["OPENCLAW_VERSON", "FOO"], declared: ["BASE_IMAGE", "OPENCLAW_VERSION"] };
  expect(unconsumedText(found, { write: () => undefined })).toBe(
    "warning: build argument OPENCLAW_VERSON is not consumed: base/Dockerfile has no ARG OPENCLAW_VERSON; did you mean `OPENCLAW_VERSION`?\n" +
      "warning: build argument FOO is not consumed: base/Dockerfile has no ARG FOO; allowed here: `BASE_IMAGE`, `OPENCLAW_VERSION`\n",
  );
});
