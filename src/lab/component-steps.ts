import { join } from "node:path";
import { acquire } from "./components/acquire.ts";
import type { ComponentName } from "./components/component.ts";

import { writePauseImage } from "./image/pause-image.ts";
import { PAUSE_IMAGE } from "./cluster/cluster-steps.ts";
import { program, type LabRun } from "./lab-run.ts";
import type { Step } from "./steps.ts";

const TITLES: readonly (readonly [ComponentName, string])[] = [
  ["packages", "Install packages"],
  ["kubernetes", "Get Kubernetes"],
  ["vault", "Get Vault"],
  ["coredns", "Get CoreDNS"],
  ["storage-provisioner", "Get the storage provisioner"],
  ["external-secrets", "Get External Secrets"],
  ["network-policy", "Get the network policy engine"],
];

/** Brings every component onto the machine. What must be built waits for the package list, not for each other. */
export function componentSteps(run: LabRun, env: Readonly<Record<string, string | undefined>>): Step[] {
    return [
    ...TITLES.map(
      ([name, title]): Step => ({
        id: name,
        title,
        run: async ({ progress, signal }) => {
          const component = await acquire(name, { progress, signal, env });
          run.components.set(name, component);
          return `${component.version}, ${component.origin}`;
        },
      }),
    ),
    {
      id: "pause",
      title: "Make the sandbox image",
      needs: ["sandbox"],
      run: async ({ progress, signal }) => {
        run.components.set("pause", await acquire("pause", { progress, signal, env }));
        await writePauseImage({
          binary: program(run, "pause", "pause"),
          reference: PAUSE_IMAGE,
          file: join(run.layout.data, "pause.tar"),
        });
        return undefined;
      },
    },
  ];
}
