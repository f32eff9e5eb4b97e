import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { frota } from "../api/command-line.ts";
import { ROOT } from "../unit/documents.ts";
import { startGitServer, type GitServer } from "./git-server.ts";

/** Whose commits they are, and nothing of the machine's own settings. */
const IDENTITY = { GIT_AUTHOR_NAME: "test", GIT_AUTHOR_EMAIL: "test@example.com", GIT_COMMITTER_NAME: "test", GIT_COMMITTER_EMAIL: "test@example.com", GIT_CONFIG_GLOBAL: "/dev/null" };

/** Our own agents in a repository of its own, which a Git server serves. */
export class FleetRepository {
  /** What the guide's address of the repository stands for. */
  readonly url: string;
  /** The working copy. */
  readonly checkout: string;
  readonly #folder: string;
  readonly #server: GitServer;

  private constructor(folder: string, server: GitServer) {
    this.#folder = folder;
    this.#server = server;
    this.checkout = join(folder, "checkout");
    this.url = `${server.address}/agents.git`;
  }

  /** With agents from an image of this repository, whose rollouts are quick. */
  static async make(image: string): Promise<FleetRepository> {
    const folder = await mkdtemp(join(tmpdir(), "frota-gitops-"));
    const repository = new FleetRepository(folder, await startGitServer(folder));
    await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", join(folder, "agents.git")]);
    await execa("git", ["init", "--quiet", "--initial-branch=main", repository.checkout]);
    await cp(join(ROOT, "agents"), join(repository.checkout, "agents"), { recursive: true });
    await repository.edit("agents/fleet.yaml", {
      "spec.image.repository": image,
      "spec.rollout": { bakeTime: "1s", checkInterval: "2s" },
      "spec.disruption": { maxDisrupted: 1, quietWait: "1s", coalesceWindow: "1s" },
    });
    await repository.push("begin");
    return repository;
  }

  /** Sets fields of a YAML file, by their paths. */
  async edit(path: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.checkout, path);
    const document = parseDocument(await readFile(file, "utf8"));
    for (const [field, value] of Object.entries(fields)) document.setIn(field.split("."), value);
    await writeFile(file, document.toString());
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.checkout, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.checkout, path), { recursive: true });
  }

  read(path: string): Promise<string> {
    return readFile(join(this.checkout, path), "utf8");
  }

  /** Renders, unless that is not wanted, commits and pushes all that changed; gives the commit. */
  async push(message: string, { isRendered = true } = {}): Promise<string> {
    const rendered = isRendered ? await frota(["render"], { cwd: join(this.checkout, "agents") }) : { code: 0, stderr: "" };
    if (rendered.code !== 0) throw new Error(rendered.stderr);
    const git = (...args: readonly string[]) => execa("git", args, { cwd: this.checkout, env: IDENTITY });
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
    await git("push", "--quiet", join(this.#folder, "agents.git"), "main");
    return (await git("rev-parse", "HEAD")).stdout;
  }

  async end(): Promise<void> {
    this.#server.stop();
    await rm(this.#folder, { recursive: true });
  }
}
