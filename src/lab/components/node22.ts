import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { AcquireContext, Component } from "./component.ts";
import { runLogged } from "./logged-process.ts";
import { PINS } from "./pins.ts";
import { follow } from "./recipe.ts";

/**
 * The `node` that agents run on, for a substitute of the image `node:22-bookworm` where that cannot be pulled. Never taken
 * from PATH: what is there is the machine's, linked against its libraries.
 */
export async function acquireNode22(context: AcquireContext): Promise<Component> {
  const { version } = PINS.node22;
  const name = `${PINS.node22.package}-${process.arch}`;
  return follow(
    {
      name: "node22",
      version,
      files: ["bin/node"],
      local: {
        key: process.arch,
        origin: "registry",
        make: async (folder) => {
          context.progress(`downloading ${name} ${version} from the npm registry`);
          await run("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", folder], folder);
          const archive = join(folder, `${name}-${version}.tgz`);
          await run("tar", ["-xzf", archive, "--strip-components=1"], folder);
          await rm(archive);
        },
      },
    },
    context,
  );

  async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
    await runLogged({ component: "node22", command, arguments: args, cwd }, context);
  }
}
