import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { ownerOf } from "./peer-owner.ts";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1
   1: 0100007F:D431 0100007F:4E20 01 00000000:00000000 00:00000000 00000000  1001        0 2
   2: 0000000000000000FFFF00000100007F:D432 0000000000000000FFFF00000100007F:4E20 01 00000000:00000000 00:00000000 00000000  1002        0 3
`;
const FAR = { address: "127.0.0.1", port: 20_000 };

test.each([
  [54_321, 1001],
  [54_322, 1002],
  [54_323, undefined],
])("the process behind port %i is user %s", (port, user) => {
  expect(ownerOf(TABLE, { address: "127.0.0.1", port }, FAR)).toBe(user);
});

test.runIf(process.platform === "linux")("a real connection of this process is this user's", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const client = connect(port, "127.0.0.1");
  await once(client, "connect");
  const near = { address: "127.0.0.1", port: client.localPort ?? 0 };
  expect(ownerOf(readFileSync("/proc/net/tcp", "utf8"), near, { address: "127.0.0.1", port })).toBe(process.getuid?.());
  client.destroy();
  server.close();
});
