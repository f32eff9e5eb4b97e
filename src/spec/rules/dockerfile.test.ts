import { expect, test } from "vitest";
import { OPENCLAW_VERSION } from "../openclaw/version.ts";
import { checkDockerfile } from "./dockerfile.ts";

const PINNED = `ARG OPENCLAW_VERSION=${OPENCLAW_VERSION}`;

test.each([
  ["pinned by a build argument", `ARG BASE_IMAGE=node:22-bookworm\nFROM \${BASE_IMAGE}\n${PINNED}\nARG OPENCLAW_ENGINES=">=22.22.3 <23 || >=24.15.0"\nRUN npm install -g \\\n  "openclaw@\${OPENCLAW_VERSION}"\n`, []],
  ["not pinned", "FROM node:22\nRUN npm install -g openclaw\n", ["2:20 OPENCLAW_UNPINNED"]],
  ["pinned to a channel", "FROM node:22\nRUN apt-get update && npm i -g openclaw@latest\n", ["2:32 OPENCLAW_UNPINNED"]],
  ["pinned by an argument that is a channel", "FROM node:22\nARG V=latest\nRUN npm i -g openclaw@${V}\n", ["3:14 OPENCLAW_UNPINNED"]],
  ["another version than configuration is checked against", "FROM node:22\nARG OPENCLAW_VERSION=2026.9.6\n", ["2:1 OPENCLAW_VERSION"]],
  ["a Node line that its engines do not admit", `ARG BASE_IMAGE=docker.io/library/node:22-bookworm\n${PINNED}\nARG OPENCLAW_ENGINES=">=24.16.0 <25 || >=26.1.0"\n`, ["1:1 NODE_LINE"]],
  ["the command is not an installation", 'FROM node:22\nRUN npm --version && openclaw --version\nCMD ["openclaw", "gateway"]\n', []],
  ["no Dockerfile", undefined, []],
])("%s", (_title, text, expected) => {
  const files = new Map(text === undefined ? [] : [["base/Dockerfile", text]]);
  expect(checkDockerfile(files).map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(expected);
});
