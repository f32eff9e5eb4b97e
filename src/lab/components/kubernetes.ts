import { chmod, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";
import { cacheKey, readSources } from "./cache.ts";
import type { AcquireContext, Component } from "./component.ts";
import { buildGo } from "./go-build.ts";
import { goArchitecture } from "./go-toolchain.ts";
import { runLogged } from "./logged-process.ts";
import { PINS } from "./pins.ts";
import { findProgram, programVersion } from "./programs.ts";
import { type Installed, follow } from "./recipe.ts";
import { downloadRelease } from "./release.ts";

const KUBERNETES = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"];
const PROGRAMS = ["etcd", ...KUBERNETES];
const { version, etcd } = PINS.kubernetes;
const ARCH = goArchitecture(process.arch);
const RELEASE = `https://dl.k8s.io/release/v${version}/bin/linux/${ARCH}`;
const ETCD_RELEASE = `https://github.com/etcd-io/etcd/releases/download/v${etcd}`;

/** etcd, the control plane, the node's programs and kubectl: official binaries, or all of them built into one. */
export async function acquireKubernetes(context: AcquireContext): Promise<Component> {
  const module = join(PACKAGE_ROOT, "lab", "kubernetes");
  const sources = await readSources(module, ["go.mod", "go.sum", "main.go"]);
  return follow(
    {
      name: "kubernetes",
      version,
      files: PROGRAMS,
      installed: () => findInstalled(context.env),
      release: {
        key: `release-${ARCH}`,
        probes: [`${RELEASE}/kubectl.sha256`, `${ETCD_RELEASE}/SHA256SUMS`],
        make: download,
      },
      local: { key: cacheKey({ ...sources, flags: JSON.stringify(VERSION_VARIABLES) }), origin: "build", make: build },
    },
    context,
  );

  async function build(folder: string): Promise<void> {
    const output = join(folder, "kubernetes");
    await buildGo({ component: "kubernetes", module, package: ".", output, set: VERSION_VARIABLES }, context);
    for (const program of PROGRAMS) await symlink("kubernetes", join(folder, program));
  }
}

/** What Kubernetes' own build sets, so that servers and clients say which version they are. */
const VERSION_VARIABLES = Object.fromEntries(
  ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    [`${path}.gitVersion`, `v${version}`],
    [`${path}.gitMajor`, version.split(".")[0] ?? ""],
    [`${path}.gitMinor`, version.split(".")[1] ?? ""],
    [`${path}.gitTreeState`, "archive"],
  ]),
) as Record<string, string>;

/** Only a complete set of exactly the pinned versions is taken: nobody's cluster is a mixture. */
async function findInstalled(env: AcquireContext["env"]): Promise<Installed | undefined> {
  const found: Record<string, string> = {};
  for (const program of PROGRAMS) {
    const path = await findProgram(program, env);
    if (path === undefined) return undefined;
    const question = program === "kubectl" ? ["version", "--client"] : ["--version"];
    if ((await programVersion(path, question)) !== (program === "etcd" ? etcd : version)) return undefined;
    found[program] = path;
  }
  return { version, files: found };
}

async function download(folder: string, context: AcquireContext): Promise<void> {
  for (const program of KUBERNETES) {
    const url = `${RELEASE}/${program}`;
    const file = { url, sha256: { url: `${url}.sha256`, fileName: program } };
    await downloadRelease(file, join(folder, program), context);
    await chmod(join(folder, program), 0o755);
  }
  const name = `etcd-v${etcd}-linux-${ARCH}`;
  const archive = join(folder, "etcd.tar.gz");
  const sums = { url: `${ETCD_RELEASE}/SHA256SUMS`, fileName: `${name}.tar.gz` };
  await downloadRelease({ url: `${ETCD_RELEASE}/${name}.tar.gz`, sha256: sums }, archive, context);
  const unpack = ["-xzf", archive, "--strip-components=1", `${name}/etcd`];
  await runLogged({ component: "kubernetes", command: "tar", arguments: unpack, cwd: folder }, context);
  await rm(archive);
}
