import { describe, expect, test } from "vitest";
import { aptSources, mirrorOf, sourcesList } from "./apt-sources.ts";

const deb822 = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main
`;
const oneLine = `# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main non-free # here
deb-src http://mirror.example/debian bookworm main
deb https://other.example/apt stable main
`;

describe("aptSources", () => {
  test("reads deb822 stanzas", () => {
    expect(aptSources([deb822], "bookworm")).toEqual([
      { uri: "http://mirror.example/debian", suite: "bookworm", components: ["main", "contrib"] },
      { uri: "http://mirror.example/debian", suite: "bookworm-updates", components: ["main", "contrib"] },
      { uri: "http://mirror.example/debian-security", suite: "bookworm-security", components: ["main"] },
    ]);
  });

  test("reads one-line entries", () => {
    expect(aptSources([oneLine], "bookworm")).toEqual([
      { uri: "http://mirror.example/debian", suite: "bookworm", components: ["main", "non-free"] },
    ]);
  });

  test("finds nothing on a machine of another release", () => {
    const sources = aptSources([deb822, oneLine], "trixie");
    expect(sources).toEqual([]);
    expect(mirrorOf(sources, "trixie")).toBeUndefined();
  });
});

test("the mirror is the release's own, not its security archive's", () => {
  const security = { uri: "http://security.example", suite: "bookworm-security", components: ["main"] };
  const main = { uri: "http://mirror.example", suite: "bookworm", components: ["main"] };
  expect(mirrorOf([security, main], "bookworm")).toBe("http://mirror.example");
  expect(sourcesList([main, security])).toBe(
    "deb http://mirror.example bookworm main\ndeb http://security.example bookworm-security main\n",
  );
});
