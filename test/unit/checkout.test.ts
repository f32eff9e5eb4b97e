import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SAID = "frota: bundling this checkout's sources first: some seconds";
/** The Node of this test first. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
let root: string;

/** A checkout whose bundle is made at once. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "frota-checkout-"));
  await cp(join(import.meta.dirname, "../../bin"), join(root, "bin"), { recursive: true });
  for (const folder of ["src", "scripts", "dist", "node_modules"]) await mkdir(join(root, folder));
  await writeFile(join(root, "package.json"), '{"type":"module"}');
  await writeFile(join(root, "scripts/build.ts"), 'import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("../dist/frota.js", import.meta.url), "console.log(`ran`)");\n');
});

function onTerminal(): string {
  const { stdout } = spawnSync("script", ["-qec", join(root, "bin/frota"), "/dev/null"], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return stdout.replaceAll("\r", "");
}

afterEach(() => rm(root, { recursive: true }));

test("the first call in a checkout says on a terminal that it takes a while; the second has nothing to say", () => {
  expect(onTerminal()).toBe(`${SAID}\nran\n`);
  expect(onTerminal()).toBe("ran\n");
});

test("elsewhere the first call is silent", () => {
  const { stdout, stderr } = spawnSync(join(root, "bin/frota"), { env, encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["ran\n", ""]);
});
