/** The OpenClaw that agents run and that configuration is checked against: the newest for Node 22. */
export const OPENCLAW_VERSION = "2026.9.2";

/** The file in `schemas/` that holds the configuration schema of {@link OPENCLAW_VERSION}. */
export const OPENCLAW_SCHEMA_FILE = `openclaw-${OPENCLAW_VERSION}.json`;
