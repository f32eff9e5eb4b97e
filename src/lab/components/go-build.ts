import { availableParallelism } from "node:os";
import * as z from "zod";
import type { AcquireContext, ComponentName } from "./component.ts";
import { findGo } from "./go-toolchain.ts";
import { runLogged } from "./logged-process.ts";
import { Turnstile } from "./turnstile.ts";

/** A program of one of our Go modules below lab/. */
export interface GoProgram {
  readonly component: ComponentName;
  /** Folder of the module. */
  readonly module: string;
  /** Package in it, for example `./coredns`. */
  readonly package: string;
  /** Path of the executable to make. */
  readonly output: string;
  /** Strings to set, by package path and variable name. */
  readonly set?: Readonly<Record<string, string>>;
}

/** One build fills all cores for most of its time; a second one pays on larger machines only. */
const builds = new Turnstile(availableParallelism() > 3 ? 2 : 1);

/** Builds a program exactly as its go.mod and go.sum say, without cgo, so that no C compiler is needed. */
export async function buildGo(program: GoProgram, context: AcquireContext): Promise<void> {
  context.progress("waiting for another build");
  await builds.pass(async () => {
    context.progress("counting packages");
    const total = await countPackages(program, context);
    const started = performance.now();
    let compiled = 0;
    const flags = ["-v", "-ldflags", linkerFlags(program.set ?? {})];
    await runGo(
      program,
      {
        arguments: ["build", ...flags, "-o", program.output, program.package],
        onLine: (line) => {
          if (isPackage(line)) compiled++;
          context.progress(buildProgress(compiled, total, performance.now() - started));
        },
      },
      context,
    );
  });
}

/** What is told while a build runs. Packages that Go has compiled before do not count, so the end may come early. */
export function buildProgress(compiled: number, total: number, milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return `compiled ${compiled.toLocaleString("en")} of up to ${total.toLocaleString("en")} packages, ${clock}`;
}

/** Drops symbol tables, and sets string variables. */
export function linkerFlags(set: Readonly<Record<string, string>>): string {
  return ["-s", "-w", ...Object.entries(set).map(([variable, value]) => `-X ${variable}=${value}`)].join(" ");
}

/** Downloads the modules that are needed and counts the packages that the program is made of. */
async function countPackages(program: GoProgram, context: AcquireContext): Promise<number> {
  let modules = 0;
  const onLine = (line: string) => {
    if (line.startsWith("go: downloading ")) context.progress(`downloading Go modules: ${++modules}`);
  };
  const packages = await runGo(program, { arguments: ["list", "-deps", program.package], onLine }, context);
  return packages.trim().split("\n").length;
}

function isPackage(line: string): boolean {
  return /^[\w./~-]+$/.test(line);
}

/** One call of `go`. */
export interface GoCommand {
  readonly arguments: readonly string[];
  readonly onLine?: (line: string) => void;
}

/** Runs `go` in the folder of a module, with nothing of the user's own Go settings but the proxy; gives its output. */
export async function runGo(
  place: Pick<GoProgram, "component" | "module">,
  command: GoCommand,
  context: AcquireContext,
): Promise<string> {
  const go = await findGo(place.component, context);
  return runLogged(
    {
      component: place.component,
      // A lab is built beside other work.
      command: "nice",
      arguments: ["-n", "10", go, ...command.arguments],
      cwd: place.module,
      env: {
        CGO_ENABLED: "0",
        GOFLAGS: "-mod=readonly -trimpath -buildvcs=false",
        GOTOOLCHAIN: "local",
        GOWORK: "off",
      },
      ...(command.onLine ? { onLine: command.onLine } : {}),
    },
    context,
  );
}

const Downloaded = z.object({ Dir: z.string() });

/** Puts a module's release, `path@version`, into Go's module cache, and gives its folder there. The module's go.sum vouches for it. */
export async function moduleFolder(
  place: Pick<GoProgram, "component" | "module">,
  release: string,
  context: AcquireContext,
): Promise<string> {
  context.progress(`downloading ${release}`);
  const answer = await runGo(place, { arguments: ["mod", "download", "-json", release] }, context);
  return Downloaded.parse(JSON.parse(answer)).Dir;
}
