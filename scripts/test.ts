// `npm test`: everything, in the order of what fails fastest. Runs on after a failure, except that tests which need a
// cluster are left out when the code does not even compile. Ends with one line that says what passed and what did not.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One after the other: the fastest to fail first. */
const STAGES: readonly Stage[] = [
  { name: "types", command: ["npm", "run", "--silent", "typecheck"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "generated files", command: ["node", "scripts/generate.ts", "--check"] },
  { name: "unit tests", command: ["npm", "run", "--silent", "test:unit"] },
  { name: "start guard", command: ["npm", "run", "--silent", "test:guard"] },
  { name: "simulation", command: ["npm", "run", "--silent", "test:simulation"] },
  { name: "fleet repository", command: ["bin/frota", "check"] },
  { name: "image and workflows", command: ["npm", "run", "--silent", "lint:image"] },
  { name: "lab components", command: ["npm", "run", "--silent", "test:components"] },
  { name: "package", command: ["npm", "run", "--silent", "test:package"] },
];

/**
 * Only when every stage before passed. Two rows side by side, each on a cluster of its own: most of their time they wait for agents that drain and
 * start. The second lab starts while the first row has no agents yet: six of them starting at once are too much for two cores.
 */
const CLUSTER_ROWS: readonly (readonly Stage[])[] = [
  [
    { name: "API server tests", command: ["npm", "run", "--silent", "test:api"] },
    { name: "lab tests", command: ["npm", "run", "--silent", "test:lab"] },
  ],
  [{ name: "operated lab tests", command: ["npm", "run", "--silent", "test:operated"], env: { FROTA_TEST_LAB: "test-operated" } }],
];

interface Result {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly seconds: number;
}

/** Runs a stage; with a `mark`, every line that it says begins with it, so that lines of stages side by side can be told apart. */
async function run({ name, command, env }: Stage, mark?: string): Promise<Result> {
  const began = performance.now();
  const [program = "", ...argv] = command;
  const output = mark === undefined ? "inherit" : "pipe";
  const child = spawn(program, argv, { stdio: ["ignore", output, output], env: { ...process.env, ...env } });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on("line", (line) => console.log(`${mark}${line}`));
  }
  const passed = await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
  return { name, outcome: passed ? "passed" : "failed", seconds: (performance.now() - began) / 1000 };
}

/** One stage after the other, whatever comes of each. */
async function runRow(row: readonly Stage[], mark?: (stage: Stage) => string): Promise<Result[]> {
  const results: Result[] = [];
  for (const stage of row) {
    console.log(`\n== ${stage.name}`);
    results.push(await run(stage, mark?.(stage)));
  }
  return results;
}

const began = performance.now();
const results = await runRow(STAGES);
if (results.every(({ outcome }) => outcome === "passed")) {
  const width = Math.max(...CLUSTER_ROWS.flat().map(({ name }) => name.length));
  const rows = await Promise.all(CLUSTER_ROWS.map((row) => runRow(row, ({ name }) => `${name.padEnd(width)} | `)));
  results.push(...rows.flat());
} else {
  results.push(...CLUSTER_ROWS.flat().map(({ name }) => ({ name, outcome: "skipped", seconds: 0 }) as const));
}

console.log("\n== summary");
for (const { name, outcome, seconds } of results) console.log(`${outcome.padEnd(8)} ${name} (${seconds.toFixed(0)} s)`);
const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
console.log(`in all ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
process.exitCode = count("passed") === results.length ? 0 : 1;
