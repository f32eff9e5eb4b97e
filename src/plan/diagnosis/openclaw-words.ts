import { oneLine, valueOf, type Finding } from "./finding.ts";
import type { AgentObservation } from "./observation.ts";

type Recognized = Pick<Finding, "code" | "message" | "next" | "evidence">;

interface Words {
  readonly pattern: RegExp;
  /** Lines after the matching one that belong to it. */
  readonly further?: RegExp;
  readonly finding: (observation: AgentObservation, match: RegExpExecArray) => Pick<Finding, "code" | "message" | "next">;
}

/** As the start guard (`refusal.mjs`) words it. */
const REFUSED = /refused to start OpenClaw: (.*) \[([A-Z_]+)\]/;

/** What the start guard, OpenClaw (2026.9.2 and 2026.9.6, recorded) or Node said last; undefined where none of it is known. */
export function knownWords(lines: readonly string[], observation: AgentObservation): Recognized | undefined {
  return refusal(lines, observation) ?? openclawWords(lines, observation);
}

function refusal(lines: readonly string[], observation: AgentObservation): Recognized | undefined {
  const at = lines.findLastIndex((line) => REFUSED.test(line));
  const [said, message, code] = REFUSED.exec(lines[at] ?? "") ?? [];
  if (said === undefined || code === undefined) return undefined;
  const advice = (lines[at + 1] ?? "").startsWith("next: ") ? lines[at + 1] : undefined;
  const next = [...(advice === undefined ? [] : [advice.slice("next: ".length)]), ...(MORE_ADVICE[code]?.(observation) ?? [])];
  return { code, message: `its start guard does not let it start: ${message}`, evidence: [{ from: "last words", text: oneLine(said) }], next };
}

/** Commands beyond the start guard's own advice, by its code. */
const MORE_ADVICE: Readonly<Record<string, (observation: AgentObservation) => readonly string[]>> = {
  SECRET_MISSING: ({ agent }) => [`frota secrets status ${agent}   (where is it lost?)`],
  OPENCLAW_OLDER_THAN_STATE: () => ["frota rollout undo   (operated: goes back to the image before)", "or declare the newer image (spec.image.digest) in agent.yaml; then: frota apply"],
  VOLUME_FULL: ({ agent, claim }) => [`it has ${valueOf(claim)?.size ?? "an unknown size"} now; then: frota apply ${agent}`],
};

function openclawWords(lines: readonly string[], observation: AgentObservation): Recognized | undefined {
  for (const { pattern, further, finding } of WORDS) {
    const at = lines.findLastIndex((line) => pattern.test(line));
    const match = pattern.exec(lines[at] ?? "");
    if (!match) continue;
    const more = further === undefined ? [] : lines.slice(at + 1, at + 6).filter((line) => further.test(line));
    const evidence = [...new Set([lines[at] ?? "", ...more])].map((text) => ({ from: "last words", text: oneLine(text) }));
    return { ...finding(observation, match), evidence };
  }
  return undefined;
}

/** The first that fits counts. */
const WORDS: readonly Words[] = [
  {
    pattern: /uses newer schema version (\d+); this build supports (\d+)/,
    finding: (_observation, match) => ({
      code: "STATE_NEWER_THAN_OPENCLAW",
      message: `a newer OpenClaw has migrated its state (schema ${match[1]}), and this one reads only up to ${match[2]}`,
      next: ["run the image with the newer OpenClaw again: frota rollout undo, or spec.image.digest in agent.yaml and frota apply", "or restore the state from before the upgrade together with the older image"],
    }),
  },
  {
    pattern: /Node\.js (.*) is required \(current: (v[\d.]+)\)/,
    finding: (_observation, match) => ({
      code: "NODE_VERSION_UNSUPPORTED",
      message: `the OpenClaw in its image does not run on the image's Node ${match[2]} (it needs ${match[1]})`,
      next: ["frota image check", "change OPENCLAW_VERSION or BASE_IMAGE in base/Dockerfile; then: frota image build"],
    }),
  },
  {
    pattern: /Refusing to bind gateway to \S+ without auth/,
    finding: ({ agent }) => ({
      code: "GATEWAY_TOKEN_UNSET",
      message: "its gateway has no token, and does not open itself to the network without one",
      next: [`frota secrets set ${agent} OPENCLAW_GATEWAY_TOKEN --restart`, "and list OPENCLAW_GATEWAY_TOKEN in spec.secrets.required of agent.yaml"],
    }),
  },
  {
    pattern: /Gateway start blocked: .*missing gateway\.mode/,
    finding: ({ agent }) => ({
      code: "CONFIGURATION_CLOBBERED",
      message: "its openclaw.json cannot be read or is no whole configuration",
      next: [`frota apply ${agent}   (writes the declaration)`, `frota restart ${agent}   (its start guard merges the declaration in, and takes OpenClaw's last good copy)`],
    }),
  },
  {
    pattern: /Invalid config at |Gateway failed to start: Invalid config|Config invalid\b/,
    further: / — |^\s*- |Unrecognized key|Invalid input/,
    finding: ({ agent }) => ({
      code: "CONFIGURATION_INVALID",
      message: "OpenClaw rejects its configuration",
      next: [
        "frota check   (what the declaration has wrong, with file and line)",
        `frota drift ${agent}   (what the agent itself changed)`,
        `mend the keys named above in agent.yaml; then: frota apply ${agent}`,
      ],
    }),
  },
  {
    pattern: /Another gateway \(pid \d+\) already owns this state directory|another gateway (?:process )?owns|gateway already running|failed to acquire gateway lock|startup migrations are already running for this state directory|another OpenClaw process owns state/i,
    finding: ({ agent }) => ({
      code: "STATE_LEASE_HELD",
      message: "another gateway holds the lease on its state: one that died hard under another host name holds it for up to 5 minutes",
      next: ["wait 5 minutes: the lease runs out by itself", `kubectl get pods -l app.kubernetes.io/instance=${agent}   (two of them? then the older one still stops)`],
    }),
  },
  {
    pattern: /ENOSPC|no space left on device|database or disk is full|SQLITE_FULL/i,
    finding: ({ agent, claim }) => ({
      code: "VOLUME_FULL",
      message: `its volume of ${valueOf(claim)?.size ?? "unknown size"} is full`,
      next: [`raise spec.storage.size in ${agent}/agent.yaml; then: frota apply ${agent}`],
    }),
  },
  {
    pattern: /JavaScript heap out of memory/,
    finding: ({ agent }) => ({
      code: "OUT_OF_MEMORY",
      message: "its gateway used up Node's heap",
      next: [`raise spec.resources.limits.memory in ${agent}/agent.yaml; then: frota apply ${agent}`],
    }),
  },
  {
    pattern: /executable file not found|(?:tini|sh|openclaw): (?:command )?not found|exec format error|no such file or directory: unknown/,
    finding: () => ({
      code: "IMAGE_INCOMPLETE",
      message: "its image lacks what an agent starts with (tini, sh, openclaw), or is made for other processors",
      next: ["frota image check", "build it from base/Dockerfile: frota image build"],
    }),
  },
];
