/** The oldest Node that frota runs on; the same as `engines` in package.json. */
export const OLDEST_NODE = "24.15";

/** Whether frota runs on this Node; `version` as in `process.versions.node`. */
export function isNodeRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
