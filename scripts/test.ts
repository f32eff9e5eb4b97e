// `npm test`: everything, in the order of what fails fastest. Runs on after a failure, except that tests which need a
// cluster are left out when the code does not even compile. Ends with one line that says what passed and what did not.
import { spawn } from "node:child_process";

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  /** Worth running only when every stage before it passed. */
  readonly needsAll?: boolean;
}

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
  { name: "API server tests", command: ["npm", "run", "--silent", "test:api"], needsAll: true },
  { name: "lab tests", command: ["npm", "run", "--silent", "test:lab"], needsAll: true },
];

function run(command: readonly string[]): Promise<boolean> {
  const [program = "", ...argv] = command;
  const child = spawn(program, argv, { stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

const began = performance.now();
const results: { name: string; outcome: "passed" | "failed" | "skipped"; seconds: number }[] = [];
for (const stage of STAGES) {
  const skipped = stage.needsAll === true && results.some((result) => result.outcome !== "passed");
  console.log(`\n== ${stage.name}${skipped ? ": skipped, because an earlier stage failed" : ""}`);
  const start = performance.now();
  const passed = !skipped && (await run(stage.command));
  const outcome = skipped ? "skipped" : passed ? "passed" : "failed";
  results.push({ name: stage.name, outcome, seconds: (performance.now() - start) / 1000 });
}

console.log("\n== summary");
for (const { name, outcome, seconds } of results) console.log(`${outcome.padEnd(8)} ${name} (${seconds.toFixed(0)} s)`);
const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
console.log(`in all ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
process.exitCode = count("passed") === results.length ? 0 : 1;
