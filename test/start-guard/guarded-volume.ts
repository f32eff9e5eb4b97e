import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MODES_KEY, workspaceKey } from "../../src/render/start-guard/workspace-key.mjs";

const GUARD = fileURLToPath(new URL("../../src/render/start-guard", import.meta.url));
const CRASH_AT = fileURLToPath(new URL("./testdata/crash-at.mjs", import.meta.url));
const GATEWAY = fileURLToPath(new URL("./testdata/gateway.mjs", import.meta.url));

/** How a run of the guard ended. */
export interface GuardRun {
  /** Exit code, or the signal that killed it. */
  readonly exit: number | string;
  readonly output: string;
}

/** A volume, the mounted inputs and an installed OpenClaw (a stand-in) in one temporary folder. */
export class GuardedVolume implements AsyncDisposable {
  readonly root: string;
  readonly state: string;
  readonly #started: ChildProcess[] = [];

  private constructor(root: string) {
    this.root = root;
    this.state = join(root, "volume");
  }

  static async create(): Promise<GuardedVolume> {
    const volume = new GuardedVolume(await mkdtemp(join(tmpdir(), "frota-guard-")));
    // As on a fresh ext4 file system.
    await mkdir(join(volume.state, "lost+found"), { recursive: true });
    await mkdir(join(volume.root, "workspace"));
    await volume.installOpenclaw("2026.9.2");
    await volume.declare({ gateway: { mode: "local" } });
    return volume;
  }

  /** Installs an OpenClaw whose JSON5 parser knows line comments only. */
  async installOpenclaw(version: string): Promise<void> {
    const folder = join(this.root, "openclaw");
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, "node_modules/json5"), { recursive: true });
    await mkdir(join(this.root, "bin"), { recursive: true });
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "openclaw", version, openclaw: { schemaVersions: { state: 15 } } }));
    await writeFile(join(folder, "node_modules/json5/index.js"), "exports.parse = (text) => JSON.parse(text.replace(/^\\s*\\/\\/.*$/gm, ''));");
    await cp(GATEWAY, join(folder, "gateway.mjs"));
    await writeFile(join(folder, "openclaw"), `#!/bin/sh\nexec "${process.execPath}" "${join(folder, "gateway.mjs")}" "$@"\n`);
    await chmod(join(folder, "openclaw"), 0o755);
    for (const [name, target] of [["openclaw", join(folder, "openclaw")], ["node", process.execPath]] as const) {
      await rm(join(this.root, "bin", name), { force: true });
      await symlink(target, join(this.root, "bin", name));
    }
  }

  async declare(configuration: object): Promise<void> {
    await writeFile(join(this.root, "declared.json"), JSON.stringify(configuration));
  }

  /** Mounts workspace files, as the rendered ConfigMap does. */
  async mountWorkspace(files: Readonly<Record<string, { content: string | Uint8Array; mode: "seed" | "enforce" }>>): Promise<void> {
    const folder = join(this.root, "workspace");
    await rm(folder, { recursive: true });
    await mkdir(folder);
    const modes = Object.fromEntries(Object.entries(files).map(([path, { mode }]) => [path, mode]));
    await writeFile(join(folder, MODES_KEY), JSON.stringify(modes));
    for (const [path, { content }] of Object.entries(files)) await writeFile(join(folder, workspaceKey(path)), content);
  }

  /** Writes a file of the volume. */
  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.state, path)), { recursive: true });
    await writeFile(join(this.state, path), text);
  }

  read(path: string): Promise<string> {
    return readFile(join(this.state, path), "utf8");
  }

  async readJson(path: string): Promise<unknown> {
    return JSON.parse(await this.read(path));
  }

  terminationLog(): Promise<string> {
    return readFile(join(this.root, "termination-log"), "utf8");
  }

  /** Runs the guard alone. */
  run(env: Readonly<Record<string, string>> = {}): Promise<GuardRun> {
    return this.runProgram([process.execPath, "--disable-warning=ExperimentalWarning", join(GUARD, "start-guard.mjs")], env);
  }

  /** Runs the guard so that it dies before its `step`-th change of the file system; true if it came that far. */
  async crashAt(step: number): Promise<boolean> {
    const preload = `--import=${CRASH_AT}`;
    const { exit } = await this.runProgram([process.execPath, preload, join(GUARD, "start-guard.mjs")], { CRASH_AT: String(step) });
    return exit === "SIGKILL";
  }

  runProgram(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<GuardRun> {
    const [program = "", ...args] = command;
    return new Promise((resolve) => {
      execFile(program, args, { env: this.#environment(env) }, (error, stdout, stderr) => {
        resolve({ exit: error?.signal ?? Number(error?.code ?? 0), output: stdout + stderr });
      });
    });
  }

  /** Starts lock, guard and gateway as the container does, less tini. */
  start(): StartedContainer {
    const child = spawn("sh", [join(GUARD, "start.sh")], { env: this.#environment({}), stdio: ["ignore", "pipe", "pipe"] });
    this.#started.push(child);
    return new StartedContainer(child);
  }

  #environment(env: Readonly<Record<string, string>>): Record<string, string> {
    return {
      PATH: `${join(this.root, "bin")}:/usr/bin:/bin`,
      FROTA_STATE: this.state,
      FROTA_DECLARATION: join(this.root, "declared.json"),
      FROTA_WORKSPACE: join(this.root, "workspace"),
      FROTA_TERMINATION_LOG: join(this.root, "termination-log"),
      FROTA_AGENT: "clovis",
      ...env,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started) child.kill("SIGKILL");
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A started container's main process, and what it has printed. */
export class StartedContainer {
  readonly process: ChildProcess;
  readonly exited: Promise<number | string>;
  output = "";
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.process = child;
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? code ?? 0));
    });
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString();
      for (const check of this.#waiting) check();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
  }

  /** Resolves with the match as soon as the output has it. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      const check = (): void => {
        const match = pattern.exec(this.output);
        if (!match) return;
        this.#waiting.delete(check);
        resolve(match);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
