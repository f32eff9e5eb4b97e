import type { Prerequisite } from "../../plan/prerequisite.ts";
import { agentImage } from "../../render/deployment.ts";
import type { FleetSource } from "../../spec/repository.ts";
import type { ImageReader } from "../ports.ts";
import { examine } from "./examine.ts";

/** Whether the registry has what the agents name, and it can start. */
export async function checkImages(source: FleetSource, reader: ImageReader): Promise<Prerequisite[]> {
  const references = [...new Set(source.agents.map(({ agent }) => agentImage(source.fleet, agent.spec)))];
  return Promise.all(
    references.map((reference) =>
      examine({ id: "registry.image", title: "Image" }, async () => {
        const facts = await reader.read(reference);
        const next = "frota image build";
        if (!facts) return { status: "missing", detail: `the registry has no ${reference}`, next };
        if (facts.problem !== undefined) return { status: "missing", detail: `${reference}: ${facts.problem}`, next };
        return { status: "ok", detail: `${reference}, ${facts.digest.slice(0, 19)}, OpenClaw ${facts.openclawVersion ?? "unknown"}` };
      }),
    ),
  );
}
