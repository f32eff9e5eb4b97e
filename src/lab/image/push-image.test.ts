import { expect, test } from "vitest";
import { pushDestination } from "./push-image.ts";

const REPOSITORY = "registry.digitalocean.com/digitalsys/openclaw-agent";

test.each([
  [REPOSITORY, {}, { name: REPOSITORY, host: "registry.digitalocean.com", tls: true }],
  [
    REPOSITORY,
    { "registry.digitalocean.com": "http://10.213.0.2:5000" },
    { name: "10.213.0.2:5000/digitalsys/openclaw-agent", host: "10.213.0.2:5000", tls: false },
  ],
  [
    REPOSITORY,
    { "registry.digitalocean.com": "https://mirror.example/v/" },
    { name: "mirror.example/v/digitalsys/openclaw-agent", host: "mirror.example", tls: true },
  ],
  ["127.0.0.1:5000/agent", {}, { name: "127.0.0.1:5000/agent", host: "127.0.0.1:5000", tls: false }],
])("%s with mirrors %j", (repository, mirrors, expected) => {
  expect(pushDestination(repository, mirrors)).toEqual(expected);
});
