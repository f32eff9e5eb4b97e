import { describe, expect, test } from "vitest";
import { firstOf, pullSecretCredentials } from "./credentials.ts";

const auth = Buffer.from("name:pass:word").toString("base64");

describe("pullSecretCredentials", () => {
  test.each<[string, string, string, { username: string; password: string } | undefined]>([
    ["auth by host", JSON.stringify({ auths: { "r.example": { auth } } }), "r.example", { username: "name", password: "pass:word" }],
    ["auth by URL", JSON.stringify({ auths: { "https://r.example/v2/": { auth } } }), "r.example", { username: "name", password: "pass:word" }],
    ["name and password", JSON.stringify({ auths: { "r.example": { username: "a", password: "b" } } }), "r.example", { username: "a", password: "b" }],
    ["Docker Hub", JSON.stringify({ auths: { "https://index.docker.io/v1/": { auth } } }), "docker.io", { username: "name", password: "pass:word" }],
    ["another host", JSON.stringify({ auths: { "r.example": { auth } } }), "r.example.com", undefined],
    ["no entry", JSON.stringify({ auths: { "r.example": {} } }), "r.example", undefined],
    ["no JSON", "nonsense", "r.example", undefined],
    ["JSON of another shape", "[1]", "r.example", undefined],
  ])("%s", async (_case, content, registry, expected) => {
    expect(await pullSecretCredentials(content)(registry)).toEqual(expected);
  });

  test("the first source that knows a registry wins", async () => {
    const none = pullSecretCredentials("{}");
    const one = pullSecretCredentials(JSON.stringify({ auths: { "r.example": { username: "one", password: "1" } } }));
    const two = pullSecretCredentials(JSON.stringify({ auths: { "r.example": { username: "two", password: "2" } } }));
    expect(await firstOf([none, one, two])("r.example")).toEqual({ username: "one", password: "1" });
    expect(await firstOf([none])("r.example")).toBeUndefined();
  });
});
