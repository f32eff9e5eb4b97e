import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a lab keeps its things. Everything that outlives `down` is below `data`; `down --purge` removes it. */
export interface LabLayout {
  readonly name: string;
  /** `${XDG_DATA_HOME:-~/.local/share}/frota/labs/<name>` */
  readonly data: string;
  /** `${XDG_CACHE_HOME:-~/.cache}/frota`: components and image layers, shared by all labs, safe to delete. */
  readonly cache: string;
  readonly record: string;
  readonly kubeconfig: string;
  readonly certificates: string;
  readonly services: string;
  readonly logs: string;
  readonly volumes: string;
}

/** The layout of the lab named `name`, for a user with this environment. */
export function labLayout(name: string, env: Environment): LabLayout {
  const home = env["HOME"] ?? homedir();
  const data = join(env["XDG_DATA_HOME"] ?? join(home, ".local", "share"), "frota", "labs", name);
  return {
    name,
    data,
    cache: join(env["XDG_CACHE_HOME"] ?? join(home, ".cache"), "frota"),
    record: join(data, "lab.json"),
    kubeconfig: join(data, "kubeconfig"),
    certificates: join(data, "certificates"),
    services: join(data, "services"),
    logs: join(data, "logs"),
    volumes: join(data, "volumes"),
  };
}

/** The lab that commands mean: `FROTA_LAB`, or `default`. */
export function labName(env: Environment): string {
  return env["FROTA_LAB"] ?? "default";
}
