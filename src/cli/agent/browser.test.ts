import { expect, test } from "vitest";
import { browserProgram } from "./browser.ts";

test.each<[string, NodeJS.Platform, Record<string, string>, readonly string[] | undefined]>([
  ["a Mac", "darwin", {}, ["open"]],
  ["a Linux desktop", "linux", { DISPLAY: ":0" }, ["xdg-open"]],
  ["Wayland", "linux", { WAYLAND_DISPLAY: "wayland-0" }, ["xdg-open"]],
  ["a server, over SSH", "linux", { SSH_CONNECTION: "x" }, undefined],
  ["Linux on Windows", "linux", { WSL_DISTRO_NAME: "Debian" }, ["wslview"]],
])("on %s", (_title, platform, env, program) => {
  expect(browserProgram(platform, env)).toEqual(program);
});
