import { createHash } from "node:crypto";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { ociArchitecture, pauseArchive } from "./pause-image.ts";
import { tarArchive } from "./tar.ts";

const program = Buffer.from("not a program, but bytes of an odd number");

/** Reads a file out of an archive with the system's own tar. */
async function extract(archive: Buffer, path: string): Promise<Buffer> {
  const { stdout } = await execa("tar", ["-xOf", "-", path], { input: archive, encoding: "buffer" });
  return Buffer.from(stdout);
}

async function extractJson(archive: Buffer, path: string) {
  return JSON.parse((await extract(archive, path)).toString());
}

const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`;

describe("pauseArchive", () => {
  test("is an OCI layout whose layer holds the program, executable", async () => {
    const archive = pauseArchive(program, "localhost/frota/pause:1", "amd64");
    expect(await extractJson(archive, "oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
    const [entry] = (await extractJson(archive, "index.json")).manifests;
    expect(entry.annotations["io.containerd.image.name"]).toBe("localhost/frota/pause:1");
    const manifest = await extractJson(archive, blob(entry.digest));
    const layer = await extract(archive, blob(manifest.layers[0].digest));
    expect(layer.byteLength).toBe(manifest.layers[0].size);
    expect(await extract(layer, "pause")).toEqual(program);
    const { stdout } = await execa("tar", ["-tvf", "-"], { input: layer });
    expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 +41 1970-01-01 .* pause$/);
  });

  test("names every blob by its own digest", async () => {
    const archive = pauseArchive(program, "localhost/frota/pause:1", "amd64");
    const { stdout } = await execa("tar", ["-tf", "-"], { input: archive });
    const blobs = stdout.split("\n").filter((path) => path.startsWith("blobs/"));
    expect(blobs).toHaveLength(3);
    for (const path of blobs) {
      expect(path).toBe(`blobs/sha256/${createHash("sha256").update(await extract(archive, path)).digest("hex")}`);
    }
  });

  test("is the same for the same program, and another for another", () => {
    const once = pauseArchive(program, "localhost/frota/pause:1", "amd64");
    expect(pauseArchive(program, "localhost/frota/pause:1", "amd64")).toEqual(once);
    expect(pauseArchive(Buffer.from("other"), "localhost/frota/pause:1", "amd64")).not.toEqual(once);
  });
});

test("a path that a ustar header cannot hold is refused", () => {
  expect(() => tarArchive([{ path: "x".repeat(101), content: program, mode: 0o644 }])).toThrow(RangeError);
});

test.each([["x64", "amd64"], ["arm64", "arm64"]])("architecture %s is %s in OCI's words", (node, oci) => {
  expect(ociArchitecture(node)).toBe(oci);
});
