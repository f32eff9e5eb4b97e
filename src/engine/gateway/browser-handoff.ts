import { Writable } from "node:stream";
import type { Cluster } from "../../cluster/cluster.ts";
import { FrotaError } from "../../spec/error.ts";
import { textAt } from "../../spec/plain-field.ts";
import { CONTAINER } from "../observe/agent-facts.ts";
import { parsePlainMap } from "../operate/parse.ts";

/** Where to ask for it. */
export interface HandoffRequest {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly agent: string;
  readonly pod: string;
  readonly signal: AbortSignal;
}

/** OpenClaw pairs the one browser that redeems the link, once, within ten minutes. 1.2-6 s and 220 MB in the container. */
const COMMAND = ["openclaw", "dashboard", "--json"] as const;
/** Bytes of an answer; a real one has 600. */
const LIMIT = 65_536;

/**
 * Asks the agent's OpenClaw for a link to its Control UI that pairs one browser, once. The link is a credential: never print it, never
 * put it into a process's arguments. Throws CONTROL_UI_UNAVAILABLE, and what `Cluster.exec` throws.
 */
export async function requestHandoff({ cluster, namespace, agent, pod, signal }: HandoffRequest): Promise<URL> {
  const answer = new Collected();
  await cluster.exec({ namespace, pod, container: CONTAINER, command: COMMAND, stdout: answer, signal });
  const { link, reason } = handoffOf(answer.text);
  if (link) return link;
  throw new FrotaError({
    code: "CONTROL_UI_UNAVAILABLE",
    message: `the OpenClaw of ${agent} gives no link to its Control UI: ${reason}`,
    where: { kind: "Pod", namespace, name: pod },
    next: `look at \`frota status ${agent}\`; gateway.controlUi.enabled must not be false in its configuration`,
  });
}

/** The link in what `openclaw dashboard --json` prints, or why there is none. */
export function handoffOf(printed: string): { readonly link?: URL; readonly reason: string } {
  const data = parsePlainMap(printed.slice(printed.indexOf("{"), printed.lastIndexOf("}") + 1));
  const link = textAt(data, "browserUrl") ?? textAt(data, "url");
  if (link !== undefined && URL.canParse(link)) return { link: new URL(link), reason: "" };
  return { reason: textAt(data, "reason") ?? "it does not know `openclaw dashboard --json`" };
}

class Collected extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.text.length < LIMIT) this.text += chunk.toString("utf8");
    done();
  }
}
