import { describe, expect, test } from "vitest";
import { scanFile } from "./scan-secrets.ts";

// Put together here, so that scanners of this repository do not stumble over them.
const SECRETS: readonly (readonly [string, string])[] = [
  ["a GitHub token", ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_")],
  ["an AWS access key id", ["AKIA", "IOSFODNN7EXAMQLE"].join("")],
  ["a Linear key", ["lin", "api", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"].join("_")],
  ["a Google key", ["AIza", "SyA1234567890abcdefghijklmnopqrstuv"].join("")],
  ["a Slack token", ["xoxb", "123456789012", "123456789012", "abcdefghijklmnopqrstuvwx"].join("-")],
  ["a Vault token", ["hvs", "CAESIJabcdefghijklmnopqrstuvwxyz0123"].join(".")],
  ["a DigitalOcean token", ["dop_v1", "0123456789abcdef".repeat(4)].join("_")],
  ["a Telegram token", ["123456789", "AAabcdefghijklmnopqrstuvwxyz012345_"].join(":")],
  ["a private key", ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ")],
  ["a password in a URL", ["https://user", "hunter2pass@example.com/"].join(":")],
];

describe("found in any file, once, at its place, and never quoted", () => {
  test.each(SECRETS)("%s", async (_title, secret) => {
    for (const file of ["clovis/agent.yaml", "README.md", "clovis/workspace/notes.txt", "base/Dockerfile"]) {
      const found = await scanFile(file, `first: line\n  key: ${secret}\nlast: line\n`);
      expect(found.map(({ severity, code, line, column }) => ({ severity, code, line, column }))).toEqual([{ severity: "error", code: "CREDENTIAL_IN_FILE", line: 2, column: 8 }]);
      expect(JSON.stringify(found)).not.toContain(secret.slice(4));
    }
  });
});

test("a Kubernetes Secret with values", async () => {
  const found = await scanFile("clovis/k8s/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  A: eA==\n");
  expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual(["2 this looks like a Kubernetes Secret with values in it"]);
});

test.each([
  ["references to secrets", "kind: ExternalSecret\nspec:\n  dataFrom:\n    - extract: {key: agents/clovis}\n"],
  ["names of variables", "required: [GITHUB_TOKEN, LINEAR_API_KEY]\ntoken: ${GITHUB_TOKEN}\n"],
  ["digests and commits", `digest: sha256:${"0123456789abcdef".repeat(4)}\ncommit: ${"deadbeef".repeat(5)}\n`],
  ["a URL with a variable for its password", "url: https://user:${PASSWORD}@example.com/\n"],
])("nothing in %s", async (_title, text) => {
  expect(await scanFile("f.yaml", text)).toEqual([]);
});
