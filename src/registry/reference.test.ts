import { describe, expect, test } from "vitest";
import { formatReference, parseReference } from "./reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("parseReference", () => {
  test.each([
    ["node:22-bookworm", `docker.io/library/node:22-bookworm`],
    ["grafana/grafana", "docker.io/grafana/grafana:latest"],
    ["registry.digitalocean.com/digitalsys/openclaw-agent:latest", "registry.digitalocean.com/digitalsys/openclaw-agent:latest"],
    ["registry.digitalocean.com/digitalsys/openclaw-agent", "registry.digitalocean.com/digitalsys/openclaw-agent:latest"],
    ["localhost:5000/a", "localhost:5000/a:latest"],
    ["10.0.0.1:5000/a/b:1.0", "10.0.0.1:5000/a/b:1.0"],
    [`r.example/a@${DIGEST}`, `r.example/a@${DIGEST}`],
    [`r.example:5000/a:1@${DIGEST}`, `r.example:5000/a:1@${DIGEST}`],
  ])("%s is %s", (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  test.each(["", "UPPER/case", "r.example/a:", "r.example/a@sha256:12", "r.example/a b", "r.example//a", ":latest", "r.example/a:tag:tag"])(
    "refuses %j",
    (text) => {
      expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "IMAGE_REFERENCE_INVALID", outcome: "usage" }));
    },
  );
});
