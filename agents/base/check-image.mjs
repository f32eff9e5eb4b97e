// Fails the build of the base image, in words, when what the Dockerfile says and what the image holds differ.
//   node check-image.mjs before-install   OpenClaw's engine requirement admits the base image's Node
//   node check-image.mjs after-install    the labels will be true, and every tool starts
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const { OPENCLAW_VERSION: version, OPENCLAW_ENGINES: declaredEngines, NODE_VERSION: declaredNode } = process.env;
const node = process.versions.node;
const modules = join(dirname(process.execPath), "..", "lib", "node_modules");

const tools = {
  openclaw: ["--version"],
  gemini: ["--version"],
  node: ["--version"],
  npm: ["--version"],
  gh: ["--version"],
  ffmpeg: ["-version"],
  python3: ["--version"],
  jq: ["--version"],
  curl: ["--version"],
  git: ["--version"],
  tini: ["--version"],
  flock: ["--version"],
};

function enginesProblems(engines) {
  const { satisfies } = createRequire(join(modules, "npm", "package.json"))("semver");
  if (!satisfies(node, engines)) {
    return [
      `openclaw@${version} needs Node ${engines}, but the base image has Node ${node}: its gateway would refuse to ` +
        `start. Choose an OPENCLAW_VERSION that runs on Node ${node}, or a BASE_IMAGE with a Node that it admits.`,
    ];
  }
  if (engines === declaredEngines) return [];
  return [`OPENCLAW_ENGINES is "${declaredEngines}", but openclaw@${version} says "${engines}": set it to that.`];
}

function problemsBeforeInstall() {
  const engines = execFileSync("npm", ["view", `openclaw@${version}`, "engines.node"], { encoding: "utf8" }).trim();
  if (engines === "") return [`the npm registry has no openclaw@${version}, or that names no engines.node.`];
  return enginesProblems(engines);
}

function problemsAfterInstall() {
  const manifest = JSON.parse(readFileSync(join(modules, "openclaw", "package.json"), "utf8"));
  const problems = enginesProblems(manifest.engines.node);
  if (manifest.version !== version) problems.push(`OPENCLAW_VERSION is ${version}, but ${manifest.version} is installed.`);
  if (declaredNode !== node) problems.push(`the base image's NODE_VERSION is ${declaredNode}, but its Node is ${node}.`);
  return [...problems, ...Object.entries(tools).flatMap(([tool, args]) => startProblems(tool, args))];
}

function startProblems(tool, args) {
  // A home of its own: a tool's first start leaves files there, which are not the image's.
  const home = mkdtempSync(join(tmpdir(), "check-image-"));
  try {
    const env = { ...process.env, HOME: home, TMPDIR: home };
    const output = execFileSync(tool, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
    process.stdout.write(`image check: ${tool} starts: ${output.trim().split("\n")[0]}\n`);
    return [];
  } catch (error) {
    return [`${tool} does not start: ${error.message}`];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const problems = process.argv[2] === "before-install" ? problemsBeforeInstall() : problemsAfterInstall();
for (const problem of problems) process.stderr.write(`image check failed: ${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
