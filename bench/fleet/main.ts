// Measures a fleet of fake agents on a lab of its own: what the controller costs, beside a bare client that only creates the same objects.
// usage: npm run bench:fleet -- [--agents 200] [--floor-only] [--keep]
import { parseArgs } from "node:util";
import { benchLab, runExternalSecrets } from "./bench-lab.ts";
import { measureFloor } from "./floor.ts";
import { generateFleet } from "./generated-fleet.ts";
import { fakeNodes, startKwok } from "./kwok.ts";
import { startRegistry } from "./stand-in-registry.ts";

const { values } = parseArgs({ options: { agents: { type: "string", default: "200" } } });
const abort = new AbortController();
const registry = await startRegistry();
const fleet = generateFleet({ agents: Number(values.agents), repository: registry.repository });
const report = (text: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
const lab = await benchLab(
  fleet.source.fleet,
  (event) => {
    if (event.type === "failed") report(`${event.step.title}: ${String(event.error)}`);
  },
  abort.signal,
);
report("lab is up");
await lab.administrator.createAll(fakeNodes(), [409]);
await startKwok(lab.run.layout, registry.digest, abort.signal);
await runExternalSecrets(lab, true);
report("measuring");
console.log(await measureFloor(lab, fleet, "external-secrets"));
abort.abort();
registry.close();
process.exit(0);
