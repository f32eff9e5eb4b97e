import type { Manifest } from "../../render/manifest.ts";
import { FLEET_KIND } from "../operate/resource-kinds.ts";
import { withReason } from "../operate/suspension.ts";
import { freezesIn, minuteWords, suspensionIn, type Freeze } from "./standstill.ts";

/** What keeps the controller from acting until a person or the clock says so, and what ends that: in words. */
export interface Hold {
  readonly words: string;
  readonly next: string;
}

/** The hold of a suspended Fleet or Agent: whose it is decides who can end it. Pure. */
export function suspensionHold(resource: Manifest): Hold | undefined {
  const suspension = suspensionIn(resource);
  if (!suspension) return undefined;
  const isFleet = resource.kind === FLEET_KIND.kind;
  const who = isFleet ? "the fleet is " : "";
  if (suspension.from === "declaration") {
    return { words: `${who}suspended by Git (spec.suspend: true)`, next: `take spec.suspend out of ${isFleet ? "fleet.yaml" : "its agent.yaml"}, and apply that` };
  }
  const { by = "somebody", reason } = suspension;
  return { words: withReason(`${who}suspended by ${by}`, reason), next: `\`frota resume ${isFleet ? "--all" : resource.metadata.name}\`` };
}

/** The hold of the freeze that lasts longest: `frota freeze --end` ends none that fleet.yaml declares. Pure. */
export function freezeHold(fleet: Manifest, now: Date): Hold | undefined {
  const freezes = freezesIn(fleet, now);
  const [longest] = freezes;
  if (!longest) return undefined;
  const ways = [
    ...(freezes.some(({ from }) => from === "request") ? ["`frota freeze --end`"] : []),
    ...(freezes.some(({ from }) => from === "declaration") ? ["take the window out of spec.disruption.freezes in fleet.yaml and apply that"] : []),
  ];
  return { words: freezeText(longest), next: `wait for its end; earlier: ${ways.join(", and ")}` };
}

/** `frozen until 2026-11-23 14:05 UTC by ana@laptop: release day` */
export function freezeText({ until, from, by, reason }: Freeze): string {
  const whose = from === "request" ? (by ?? "somebody") : "fleet.yaml";
  return withReason(`frozen until ${minuteWords(until)} by ${whose}`, reason);
}
