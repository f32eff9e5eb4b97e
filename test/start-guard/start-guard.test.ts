import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { GuardedVolume } from "./guarded-volume.ts";

const DECLARED = { gateway: { mode: "local", port: 18789 } };

describe("secrets", () => {
  test("missing and empty ones are named, present values never shown", async () => {
    await using volume = await GuardedVolume.create();
    const env = { FROTA_REQUIRED_SECRETS: "GEMINI_API_KEY,GITHUB_TOKEN,LINEAR_API_KEY", GEMINI_API_KEY: "planted-value", GITHUB_TOKEN: "" };
    const { exit, output } = await volume.run(env);
    expect(exit).toBe(78);
    expect(output).toMatch(/missing or empty: GITHUB_TOKEN, LINEAR_API_KEY \[SECRET_MISSING\]\nnext: frota secrets set clovis GITHUB_TOKEN/);
    expect(await volume.terminationLog()).toBe(output);
    expect(output).not.toContain("planted-value");
    expect(await readdir(volume.state)).toEqual(["lost+found"]);
  });
});

describe("configuration", () => {
  test("a fresh volume gets the declaration, readable by its owner only", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare(DECLARED);
    expect(await volume.run()).toMatchObject({ exit: 0 });
    expect(await volume.readJson("openclaw.json")).toEqual(DECLARED);
    expect((await stat(join(volume.state, "openclaw.json"))).mode & 0o777).toBe(0o600);
    expect(await volume.readJson(".frota/declared.json")).toEqual(DECLARED);
  });

  test("with nothing to change, the agent's file stays as it is, comments and all", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare(DECLARED);
    const text = '// mine\n{"gateway": {"port": 18789, "mode": "local"}, "own": true}\n';
    await volume.write("openclaw.json", text);
    expect((await volume.run()).output).toContain("configuration already as declared");
    expect(await volume.read("openclaw.json")).toBe(text);
    expect((await stat(join(volume.state, "openclaw.json"))).mode & 0o777).toBe(0o600);
  });

  test("an agent's edit and a change of the declaration are both there after the start", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare({ ...DECLARED, gone: 1 });
    await volume.run();
    await volume.write("openclaw.json", '// by the agent\n{"gateway": {"mode": "local", "port": 1}, "gone": 1, "own": {"list": [1]}}');
    await volume.declare({ gateway: { mode: "local", port: 18789, bind: "lan" } });
    const { output } = await volume.run();
    expect(await volume.readJson("openclaw.json")).toEqual({ gateway: { mode: "local", port: 18789, bind: "lan" }, own: { list: [1] } });
    expect(output).toContain('conflict at ["gateway","port"]: declared-won');
    expect(await volume.readJson(".frota/conflicts.json")).toMatchObject({ conflicts: [{ path: ["gateway", "port"], resolution: "declared-won" }] });
    expect(await volume.read(".frota/openclaw.json.before")).toContain("// by the agent");
  });

  test("a file that cannot be parsed is kept aside, and OpenClaw's last good copy takes its place", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare(DECLARED);
    await volume.write("openclaw.json", "{ torn");
    await volume.write("openclaw.json.unreadable-1", "an earlier one");
    await volume.write("openclaw.json.last-good", '{"own": "kept"}');
    const { exit, output } = await volume.run();
    expect(exit).toBe(0);
    expect(output).toContain("openclaw.json cannot be parsed; kept aside as openclaw.json.unreadable-2");
    expect(await volume.read("openclaw.json.unreadable-2")).toBe("{ torn");
    expect(await volume.readJson("openclaw.json")).toEqual({ ...DECLARED, own: "kept" });
  });

  test("without any readable copy the declaration stands alone", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare(DECLARED);
    for (const name of ["openclaw.json", "openclaw.json.last-good", "openclaw.json.bak"]) await volume.write(name, "[]");
    expect((await volume.run()).exit).toBe(0);
    expect(await volume.readJson("openclaw.json")).toEqual(DECLARED);
  });

  test("locked, the agent's own file and the base of the next merge stay as they are, and everything else is done", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare({ ...DECLARED, gone: 1 });
    await volume.run();
    await volume.write("openclaw.json", '{"gateway": {"mode": "local", "port": 18789}, "gone": 1, "own": true}');
    await volume.declare({ ...DECLARED, added: 1 });
    await volume.mountWorkspace({ "IDENTITY.md": { content: "by Git", mode: "enforce" } });
    const { exit, output } = await volume.run({ FROTA_CONFIGURATION_MODE: "locked" });
    expect({ exit, output }).toMatchObject({ exit: 0, output: expect.stringContaining("configuration is locked") as string });
    expect(await volume.readJson("openclaw.json")).toEqual({ ...DECLARED, gone: 1, own: true });
    expect(await volume.read("workspace/IDENTITY.md")).toBe("by Git");
    expect((await volume.run({ FROTA_CONFIGURATION_MODE: "locked", FROTA_REQUIRED_SECRETS: "GITHUB_TOKEN" })).exit).toBe(78);

    await volume.run();
    expect(await volume.readJson("openclaw.json")).toEqual({ ...DECLARED, own: true, added: 1 });
  });

  test("a declaration that is not there is refused in words", async () => {
    await using volume = await GuardedVolume.create();
    const run = await volume.run({ FROTA_DECLARATION: join(volume.root, "nothing.json") });
    expect(run.exit).toBe(78);
    expect(run.output).toMatch(/nothing\.json is missing \[DECLARATION_UNREADABLE\]\nnext: render and apply/);
  });

  test("dying before any step loses nothing, and the next start ends as if there had been no death", async () => {
    await using volume = await GuardedVolume.create();
    const scene = async (): Promise<void> => {
      await volume.declare({ gateway: { mode: "local", port: 18789 } });
      await volume.write("openclaw.json", '{"gateway": {"mode": "local", "port": 1, "own": 1}, "gone": 1, "own": true}');
      await volume.write(".frota/declared.json", '{"gateway": {"mode": "local"}, "gone": 1}');
      await volume.mountWorkspace({ "a/b.md": { content: "text", mode: "enforce" } });
      await volume.write("workspace/a/b.md", "old");
    };
    let steps = 0;
    for (; ; steps += 1) {
      await scene();
      if (!(await volume.crashAt(steps + 1))) break;
      // At every moment what OpenClaw would read is a whole configuration, old or new.
      expect(await volume.readJson("openclaw.json")).toMatchObject({ own: true, gateway: { own: 1 } });
      expect(await volume.read("workspace/a/b.md")).toMatch(/^(?:old|text)$/);
      expect((await volume.run()).exit).toBe(0);
      expect(await volume.readJson("openclaw.json")).toEqual({ gateway: { mode: "local", port: 18789, own: 1 }, own: true });
      expect(await volume.read("workspace/a/b.md")).toBe("text");
    }
    expect(steps).toBeGreaterThan(15);
  }, 60_000);
});

describe("versions", () => {
  test("an OpenClaw older than the last that ran is refused, before anything is written", async () => {
    await using volume = await GuardedVolume.create();
    await volume.installOpenclaw("2026.9.6");
    await volume.run();
    await gatewayRan(volume, "migrated");
    await volume.installOpenclaw("2026.9.2");
    await volume.declare({ changed: true });
    const { exit, output } = await volume.run();
    expect(exit).toBe(78);
    expect(output).toMatch(/OpenClaw 2026\.9\.2 is older than 2026\.9\.6, which last ran on this state.*\[OPENCLAW_OLDER_THAN_STATE\]/);
    expect(await volume.readJson("openclaw.json")).toEqual({ gateway: { mode: "local" } });
    expect((await volume.run()).exit).toBe(78);
    expect((await volume.run({ FROTA_ACCEPT_OPENCLAW: "2026.9.2" })).exit).toBe(0);
  });

  test("an image that could not start does not lock out the one before it", async () => {
    await using volume = await GuardedVolume.create();
    await volume.run();
    await gatewayRan(volume, "1");
    await volume.installOpenclaw("2026.9.6");
    expect((await volume.run()).exit).toBe(0);
    await volume.installOpenclaw("2026.9.2");
    expect((await volume.run()).exit).toBe(0);
  });

  test("a state without record is judged by the version that OpenClaw stamped on the configuration", async () => {
    await using volume = await GuardedVolume.create();
    await volume.write("openclaw.json", '{"meta": {"lastTouchedVersion": "2026.10.1"}}');
    expect((await volume.run()).output).toContain("OpenClaw 2026.9.2 is older than 2026.10.1");
  });

  test("a database with a newer schema is refused whatever the record says", async () => {
    const { DatabaseSync } = await import("node:sqlite");
    await using volume = await GuardedVolume.create();
    await mkdir(join(volume.state, "state"));
    const database = new DatabaseSync(join(volume.state, "state/openclaw.sqlite"));
    database.exec("PRAGMA user_version = 18");
    database.close();
    expect((await volume.run()).output).toMatch(/schema version 18, but OpenClaw 2026\.9\.2 reads only up to 15 \[STATE_NEWER_THAN_OPENCLAW\]/);
  });
});

describe("workspace", () => {
  test("seed writes what is absent, enforce what differs; bytes and nested paths are kept", async () => {
    await using volume = await GuardedVolume.create();
    const binary = Uint8Array.from([0, 255, 10, 195, 40]);
    await volume.mountWorkspace({
      "IDENTITY.md": { content: "declared", mode: "seed" },
      "AGENTS.md": { content: "declared", mode: "enforce" },
      "memória/dia 1.md": { content: "olá", mode: "seed" },
      "img/x_y.png": { content: binary, mode: "seed" },
    });
    await volume.write("workspace/IDENTITY.md", "the agent's");
    await volume.write("workspace/AGENTS.md", "the agent's");
    const { output } = await volume.run();
    expect(output).toContain("workspace files written: AGENTS.md, img/x_y.png, memória/dia 1.md");
    expect(await volume.read("workspace/IDENTITY.md")).toBe("the agent's");
    expect(await volume.read("workspace/AGENTS.md")).toBe("declared");
    expect(await volume.read("workspace/memória/dia 1.md")).toBe("olá");
    expect(new Uint8Array(await readFile(join(volume.state, "workspace/img/x_y.png")))).toEqual(binary);
    expect((await volume.run()).output).not.toContain("workspace files written");
  });

  test("no link is written through, and none out of the volume is followed", async () => {
    await using volume = await GuardedVolume.create();
    const outside = join(volume.root, "outside");
    await mkdir(outside);
    await mkdir(join(volume.state, "workspace"), { recursive: true });
    await mkdir(join(volume.state, "elsewhere"));
    await symlink(outside, join(volume.state, "workspace/out"));
    await symlink("../elsewhere", join(volume.state, "workspace/in"));
    await symlink(join(outside, "target.md"), join(volume.state, "workspace/link.md"));
    await volume.write("workspace/file", "a file where a folder should be");
    await volume.mountWorkspace({
      "out/a.md": { content: "x", mode: "enforce" },
      "in/a.md": { content: "x", mode: "enforce" },
      "link.md": { content: "x", mode: "enforce" },
      "file/a.md": { content: "x", mode: "enforce" },
      "../../escape.md": { content: "x", mode: "enforce" },
    });
    const { exit, output } = await volume.run();
    expect(exit).toBe(0);
    expect(await readdir(outside)).toEqual([]);
    expect(existsSync(join(volume.root, "escape.md"))).toBe(false);
    expect(await volume.read("elsewhere/a.md")).toBe("x");
    expect(await volume.read("workspace/link.md")).toBe("x");
    expect(output).toMatch(/out\/a\.md skipped: .*leaves the volume/);
    expect(output).toMatch(/file\/a\.md skipped: .*is not a folder/);
  });
});

describe("a volume that fails", () => {
  const isRoot = process.getuid?.() === 0;

  test.runIf(isRoot)("a full one is told in words, and the configuration stays whole", async () => {
    await using volume = await GuardedVolume.create();
    await volume.declare({ filler: "x".repeat(40_000) });
    // A real file system of 64 KiB, in a mount namespace of its own: it is gone when the command ends.
    const script = [
      `mount -t tmpfs -o size=64k tmpfs "${volume.state}" && cd "${volume.state}"`,
      "mkdir .frota && printf '{\"own\": 1}' > openclaw.json",
      "dd if=/dev/zero of=memories bs=1k count=40 2>/dev/null",
      `node "${new URL("../../src/render/start-guard/start-guard.mjs", import.meta.url).pathname}"`,
      "code=$?; cat openclaw.json; ls .frota; exit $code",
    ].join("\n");
    const { exit, output } = await volume.runProgram(["unshare", "--mount", "sh", "-c", script]);
    expect(exit).toBe(74);
    expect(output).toMatch(/the agent's volume is full \[VOLUME_FULL\]\nnext: raise spec\.storage\.size/);
    expect(output).toContain('{"own": 1}');
    expect(output).not.toContain("temporary");
    expect(output).toContain("nearly full");
  });
});

/** What a gateway that opened its state leaves: a write to its database. */
function gatewayRan(volume: GuardedVolume, text: string): Promise<void> {
  return volume.write("state/openclaw.sqlite-wal", text);
}
