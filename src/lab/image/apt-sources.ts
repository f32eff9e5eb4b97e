/** One line of an apt sources list. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/**
 * The places that a machine takes a Debian release's packages from, its updates and security fixes included, out of the texts of
 * its `.list` and `.sources` files. Source packages and disabled entries are left out.
 */
export function aptSources(texts: readonly string[], release: string): AptSource[] {
  const suites = new Set([release, `${release}-updates`, `${release}-security`]);
  return texts.flatMap((text) => [...oneLine(text), ...stanzas(text)]).filter(({ suite }) => suites.has(suite));
}

/** The mirror that has the release itself; undefined when the machine is of another release. */
export function mirrorOf(sources: readonly AptSource[], release: string): string | undefined {
  return sources.find(({ suite }) => suite === release)?.uri;
}

/** The sources as an `/etc/apt/sources.list`. */
export function sourcesList(sources: readonly AptSource[]): string {
  return sources.map(({ uri, suite, components }) => `deb ${uri} ${suite} ${components.join(" ")}\n`).join("");
}

/** `deb [options] uri suite component...` */
function oneLine(text: string): AptSource[] {
  const lines = text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+:\S+)\s+(\S+)[ \t]+([^#\n]+)/gm);
  return Array.from(lines, ([, uri = "", suite = "", rest = ""]) => ({ uri, suite, components: words(rest) }));
}

/** deb822 stanzas: fields `Types`, `URIs`, `Suites`, `Components`, each with any number of words. */
function stanzas(text: string): AptSource[] {
  const withoutComments = text.replace(/^#.*\n?/gm, "");
  return withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const field = (name: string) => words(new RegExp(`^${name}:([^\\n]*(?:\\n[ \\t]+[^\\n]*)*)`, "mi").exec(stanza)?.[1] ?? "");
    if (!field("Types").includes("deb") || field("Enabled").includes("no")) return [];
    const components = field("Components");
    return field("URIs").flatMap((uri) => field("Suites").map((suite) => ({ uri, suite, components })));
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
