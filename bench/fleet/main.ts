// Measures fleets of fake agents on a lab of its own: what the controller costs, beside a bare client that only creates the same objects.
// usage: npm run bench:fleet -- [--agents 200,3000] [--floor-only] [--no-floor] [--no-changes] [--direct] [--usual-limits] [--write]
// The lab is called bench and stays up; `frota lab down --purge bench` removes it.
import { parseArgs } from "node:util";
import { requestTable } from "./audit-log.ts";
import { figuresText, machineSentence, writePage, type FleetFigures } from "./report.ts";
import { openBench } from "./bench.ts";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "200,3000" },
    "floor-only": { type: "boolean", default: false },
    "no-floor": { type: "boolean", default: false },
    "no-changes": { type: "boolean", default: false },
    direct: { type: "boolean", default: false },
    "usual-limits": { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const sentence = machineSentence(new Date());
console.error(sentence);
const bench = await openBench((text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`));
try {
  const measured: FleetFigures[] = [];
  for (const agents of values.agents.split(",").map(Number)) {
    const figures = await bench.measure({ agents, direct: values.direct, usualLimits: values["usual-limits"], floor: !values["no-floor"], operated: !values["floor-only"], changes: !values["no-changes"] });
    measured.push(figures);
    const { floor } = figures;
    if (floor) console.error(`bare client: created after ${floor.created.toFixed(1)} s, Deployments available after ${floor.ready.toFixed(1)} s`);
    for (const line of requestTable(figures.operated?.requests ?? [])) console.error(line);
  }
  const text = figuresText(measured);
  console.log(text);
  if (values.write) await writePage(sentence, "npm run bench:fleet -- --write", text);
} finally {
  await bench.close();
}
