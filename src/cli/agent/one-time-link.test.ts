import { createServer } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { serveOnce, type OneTimeLink } from "./one-time-link.ts";

const TARGET = new URL("http://127.0.0.1:28000/#bootstrapToken=must-not-show&bootstrapProfile=owner");
let link: OneTimeLink | undefined;

afterEach(() => link?.close());

const ask = (address: string, method = "GET") => fetch(address, { method, redirect: "manual" });

test("leads one browser on, once", async () => {
  link = await serveOnce(TARGET, 0);
  expect(link.address).not.toContain("must-not-show");
  expect((await ask(link.address, "HEAD")).status).toBe(405);
  const first = await ask(link.address);
  expect([first.status, first.headers.get("location"), first.headers.get("cache-control")]).toEqual([303, TARGET.href, "no-store"]);
  await link.used;
  const second = await ask(link.address);
  expect([second.status, second.headers.get("location")]).toEqual([410, null]);
  expect(await second.text()).not.toContain("must-not-show");
});

test("tells nothing to who does not know the address, and is good afterwards", async () => {
  link = await serveOnce(TARGET, 0);
  const guesses = ["/", "/x", `${new URL(link.address).pathname}x`, `${new URL(link.address).pathname}?`];
  const answers = await Promise.all(guesses.map((path) => ask(new URL(path, link?.address).href)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect((await ask(link.address)).status).toBe(303);
});

test("takes another port where the usual one is not free", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const taken = other.address();
  const port = typeof taken === "object" && taken ? taken.port : 0;
  link = await serveOnce(TARGET, port);
  expect(new URL(link.address).port).not.toBe(String(port));
  expect((await ask(link.address)).status).toBe(303);
  other.close();
});
