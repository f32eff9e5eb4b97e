import * as z from "zod";

const DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const WORDS = "a duration such as 30s, 2m or 1h30m";

/** A duration as Kubernetes writes it: hours, minutes and seconds, for example `2m` or `1h30m`. */
export const durationSchema = z.string().regex(/^(\d+h(\d+m)?(\d+s)?|\d+m(\d+s)?|\d+s)$/, WORDS);

/** Milliseconds of a duration that {@link durationSchema} accepts. */
export function durationMilliseconds(duration: string): number {
  const [, hours = "0", minutes = "0", seconds = "0"] = DURATION.exec(duration) ?? [];
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
