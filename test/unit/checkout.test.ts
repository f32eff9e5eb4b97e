import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
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
  await writeFile(join(root, "node_modules/.package-lock.json"), "{}");
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

test("while npm still installs it says so, instead of running on what is half there", async () => {
  await rm(join(root, "node_modules/.package-lock.json"));
  const { status, stderr } = spawnSync(join(root, "bin/frota"), { env, encoding: "utf8" });
  expect([status, stderr]).toEqual([3, "frota: dependencies are not installed, or not to the end yet; run: npm start (or sh scripts/setup)\n"]);
});

/** An npm that notes its beginning and its end, and installs slowly. */
async function slowNpm(): Promise<NodeJS.ProcessEnv> {
  await cp(join(import.meta.dirname, "../../scripts/setup"), join(root, "scripts/setup"));
  await writeFile(join(root, "package-lock.json"), "{}");
  await mkdir(join(root, "path"));
  await writeFile(join(root, "path/npm"), "#!/bin/sh\necho begin >> calls\nsleep 0.5\nmkdir -p node_modules\ntouch node_modules/.package-lock.json\necho end >> calls\n");
  await chmod(join(root, "path/npm"), 0o755);
  return { ...env, PATH: `${join(root, "path")}:${env.PATH}` };
}

test("two terminals that set a checkout up at once install one after the other", async () => {
  const slow = await slowNpm();
  await rm(join(root, "node_modules"), { recursive: true });
  const both = [0, 1].map(() => spawn("sh", [join(root, "scripts/setup")], { env: slow, stdio: "ignore" }));
  expect(await Promise.all(both.map((child) => once(child, "exit")))).toEqual([[0, null], [0, null]]);
  expect(await readFile(join(root, "calls"), "utf8")).toBe("begin\nend\n");
});

test("an installation without its Node, where the machine's own is too old, is made anew, and then told of", async () => {
  const slow = await slowNpm();
  await writeFile(join(root, "path/node"), "#!/bin/sh\necho 20.20.2\n");
  await chmod(join(root, "path/node"), 0o755);
  const old = spawnSync("sh", [join(root, "scripts/setup")], { env: slow, encoding: "utf8" });
  expect(old.status).toBe(3);
  expect(old.stderr).toContain("frota needs Node 24.15 or later, and here is 20.20.2");
  expect(await readFile(join(root, "calls"), "utf8")).toBe("begin\nend\n");
  await mkdir(join(root, "node_modules/.bin"));
  await symlink(process.execPath, join(root, "node_modules/.bin/node"));
  expect(spawnSync("sh", [join(root, "scripts/setup")], { env: slow }).status).toBe(0);
  expect(await readFile(join(root, "calls"), "utf8")).toBe("begin\nend\n");
});
