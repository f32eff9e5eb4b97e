import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { RequestStamp } from "../../engine/operated/request.ts";

/** A request of whoever runs this command, now. */
export function requestStamp(): RequestStamp {
  return { id: randomUUID(), by: requester(), at: new Date() };
}

/** `ana@workstation`: for the record only, proves nothing. */
export function requester(): string {
  return `${userInfo().username}@${hostname()}`;
}
