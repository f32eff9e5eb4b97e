import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds after which a program that has not failed is taken for a browser that is open. */
const STARTED = 3_000;

/** What opens an address in the user's browser; undefined where there is no screen to open it on. */
export function browserProgram(platform: NodeJS.Platform, env: Environment): readonly string[] | undefined {
  if (platform === "darwin") return ["open"];
  // Windows' own browser reaches the loopback of WSL.
  if (env["WSL_DISTRO_NAME"]) return ["wslview"];
  if (platform !== "linux" && platform !== "freebsd") return undefined;
  return env["DISPLAY"] || env["WAYLAND_DISPLAY"] ? ["xdg-open"] : undefined;
}

/** Opens an address in the user's browser; false where that does not work. The address is in the arguments of a process. */
export async function openBrowser(address: string, env: Environment): Promise<boolean> {
  const [program, ...options] = browserProgram(process.platform, env) ?? [];
  if (program === undefined) return false;
  const child = spawn(program, [...options, address], { stdio: "ignore", detached: true, env: { ...env } });
  child.unref();
  const ended = once(child, "exit").then(([code]) => code === 0);
  return Promise.race([ended, sleep(STARTED, true, { ref: false })]).catch(() => false);
}
