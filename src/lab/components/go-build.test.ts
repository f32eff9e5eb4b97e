import { describe, expect, it } from "vitest";
import { buildProgress, linkerFlags } from "./go-build.ts";
import { goArchitecture } from "./go-toolchain.ts";
import { packagesOf } from "./packages.ts";
import { Turnstile } from "./turnstile.ts";

describe("buildProgress", () => {
  it.each([
    [0, 2795, 0, "compiled 0 of up to 2,795 packages, 0:00"],
    [1312, 2795, 64_900, "compiled 1,312 of up to 2,795 packages, 1:04"],
    [2795, 2795, 723_000, "compiled 2,795 of up to 2,795 packages, 12:03"],
  ])("tells %i of %i after %i ms", (compiled, total, milliseconds, text) => {
    expect(buildProgress(compiled, total, milliseconds)).toBe(text);
  });
});

describe("linkerFlags", () => {
  it("sets variables", () => {
    expect(linkerFlags({ "a/version.gitVersion": "v1.35.4" })).toBe("-s -w -X a/version.gitVersion=v1.35.4");
  });
});

describe("goArchitecture", () => {
  it.each([["x64", "amd64"], ["arm64", "arm64"]])("calls %s %s", (node, go) => expect(goArchitecture(node)).toBe(go));
});

describe("packagesOf", () => {
  it("names each package once, in order", () => {
    const programs = [
      { program: "runc", package: "runc" },
      { program: "ctr", package: "containerd" },
      { program: "containerd", package: "containerd" },
    ];
    expect(packagesOf(programs)).toEqual(["containerd", "runc"]);
  });
});

describe("Turnstile", () => {
  it("lets as many pass at a time as it is wide, in the order of their coming", async () => {
    const turnstile = new Turnstile(2);
    const events: string[] = [];
    let inside = 0;
    const work = (name: string) =>
      turnstile.pass(async () => {
        events.push(name);
        expect(++inside).toBeLessThanOrEqual(2);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
      });
    await Promise.all(["a", "b", "c", "d", "e"].map(work));
    expect(events).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("goes on after work that failed", async () => {
    const turnstile = new Turnstile(1);
    await expect(turnstile.pass(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await turnstile.pass(async () => "next")).toBe("next");
  });
});
