/**
 * Makes the pictures of docs/pictures out of what commands really print, and commits nothing:
 *
 *   node scripts/record.ts [name...]    those named; without names, all that need no lab
 *   node scripts/record.ts --lab        those of the running lab as well (FROTA_LAB)
 *
 * To add one, add it to PICTURES. Commands run in a terminal of COLUMNS columns, in a copy of agents/ where they need a fleet.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { screenOf } from "./picture/screen.ts";
import { svgOf } from "./picture/svg.ts";
import { typed } from "./picture/terminal.ts";

interface Picture {
  readonly name: string;
  readonly title: string;
  /** Typed one after another. */
  readonly lines: readonly string[];
  /** What happened to the fleet repository before. */
  readonly prepare?: (fleet: string) => Promise<void>;
  readonly onLab?: true;
}

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "docs/pictures");
const COLUMNS = 100;

const PICTURES: readonly Picture[] = [
  { name: "check", title: "before anything reaches a cluster", lines: ["frota check", "frota explain CREDENTIAL_IN_FILE"], prepare: plantFaults },
  { name: "explain", title: "a code at two in the morning", lines: ["frota explain AGENT_STALLED", "frota explain vault-seald"] },
  { name: "fleet", title: "how all are, and a turn with one", lines: ["frota status", 'frota chat clementina "Olá, quem é você?"'], onLab: true },
  { name: "secrets", title: "from Vault into the process", lines: ["frota secrets status clovis"], onLab: true },
  { name: "rollout", title: "an image in waves", lines: ["frota rollout status"], onLab: true },
];

/** What happens on a hurried afternoon: a slip in a field's name, and a token where everybody can read it. */
async function plantFaults(fleet: string): Promise<void> {
  const file = join(fleet, "clovis/agent.yaml");
  // Looks like a token to the scanner and is none.
  const token = ["ghp", "frotaEXAMPLEfrotaEXAMPLEfrotaEXAMPLE"].join("_");
  const text = (await readFile(file, "utf8")).replace("  storage:\n    size:", `  env:\n    GH_PAT: ${token}\n  storage:\n    sise:`);
  await writeFile(file, text);
}

async function record(picture: Picture): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "frota-picture-"));
  try {
    // Where a fleet repository is, commands find it by themselves.
    await cp(join(ROOT, "agents"), join(place, "agents"), { recursive: true });
    await cp(join(ROOT, "schemas"), join(place, "schemas"), { recursive: true });
    await picture.prepare?.(join(place, "agents"));
    const env = { PATH: `${join(ROOT, "bin")}:${process.env["PATH"] ?? ""}` };
    const outputs: string[] = [];
    for (const line of picture.lines) outputs.push(await typed(line, { cwd: place, columns: COLUMNS, env }));
    const screen = await screenOf(outputs.join("\r\n"), COLUMNS);
    await writeFile(join(FOLDER, `${picture.name}.svg`), svgOf(screen, { title: picture.title, columns: COLUMNS }));
    console.log(`docs/pictures/${picture.name}.svg: ${screen.length} lines`);
  } finally {
    await rm(place, { recursive: true });
  }
}

const names = process.argv.slice(2).filter((argument) => argument !== "--lab");
const withLab = process.argv.includes("--lab");
const unknown = names.filter((name) => !PICTURES.some((picture) => picture.name === name));
if (unknown.length > 0) throw new Error(`no such picture: ${unknown.join(", ")}`);
for (const picture of PICTURES) {
  if (names.length > 0 ? names.includes(picture.name) : withLab || !picture.onLab) await record(picture);
}
