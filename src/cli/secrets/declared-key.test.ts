import { expect, test } from "vitest";
import { undeclaredKey } from "./declared-key.ts";

const DECLARED = ["ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GITHUB_TOKEN", "OPENCLAW_GATEWAY_TOKEN", "SLACK_BOT_TOKEN"];

test("of a declared key there is nothing to say", () => expect(undeclaredKey("clovis", "GITHUB_TOKEN", DECLARED)).toBeUndefined());

test.each(["LINEAR_API_KEY", "AWS_REGION", "TOKEN", "SLACK_APP_TOKEN", "GROQ_API_KEY", "GITLAB_TOKEN", "GITEA_TOKEN"])("%s is like none that is declared: a note", (key) => {
  expect(undeclaredKey("clovis", key, DECLARED)).toEqual({ note: `note: ${key} is not among the keys that clovis declares (spec.secrets.required)\n` });
});

test.each([
  ["GITHUB_TOKN", "GITHUB_TOKEN"],
  ["GTIHUB_TOKEN", "GITHUB_TOKEN"],
  ["GEMINI_APIKEY", "GEMINI_API_KEY"],
  ["GEMINI_API_KYE", "GEMINI_API_KEY"],
  ["GTIHUB_TOKNE", "GITHUB_TOKEN"],
  ["ANTROPHIC_API_KEY", "ANTHROPIC_API_KEY"],
  ["OPENCLAW_GATEWAY_TOKENS", "OPENCLAW_GATEWAY_TOKEN"],
])("%s is refused, with the key that was probably meant and the way for who means it", (key, meant) => {
  expect(undeclaredKey("clovis", key, DECLARED)?.refusal).toMatchObject({
    code: "SECRET_KEY_UNDECLARED",
    outcome: "refused",
    message: `${key} is not among the keys that clovis declares (spec.secrets.required), and ${meant} is; nothing was written`,
    next: `did you mean \`frota secrets set clovis ${meant}\`? If ${key} is meant: --undeclared`,
  });
});
