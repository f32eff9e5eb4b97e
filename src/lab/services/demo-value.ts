import { randomBytes } from "node:crypto";

/** A random value for a secret of the lab: 32 URL-safe characters. */
export function demoValue(): string {
  return randomBytes(24).toString("base64url");
}
