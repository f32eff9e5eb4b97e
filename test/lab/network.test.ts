import { beforeAll, describe, expect, test } from "vitest";
import { fleetReady, kubectl, podOf, recordOf } from "./lab.ts";

/** Whether a TCP connection from an agent's container to `host:port` is made; the probe gives up after three seconds. */
async function reaches(agent: string, host: string, port: number): Promise<boolean> {
  const script = `
    const socket = require("node:net").connect({ host: ${JSON.stringify(host)}, port: ${port}, timeout: 3000 });
    const end = (word) => { console.log(word); process.exit(0); };
    socket.on("connect", () => end("reached")).on("timeout", () => end("silence")).on("error", (error) => end(error.code));`;
  return (await kubectl("exec", `deployment/${agent}`, "--", "node", "-e", script)).includes("reached");
}

beforeAll(() => fleetReady(["clovis", "roberval"]));

describe.concurrent("the network of an agent", () => {
  test("reaches the model server, which its egress names", async () => {
    const { modelServer } = await recordOf();
    expect(await reaches("clovis", modelServer.address, modelServer.port)).toBe(true);
  });

  test("does not reach another agent's gateway, because nobody may speak for another agent", async () => {
    const { podIP = "" } = (await podOf("roberval")).status;
    expect(podIP).not.toBe("");
    const ways = [podIP, "roberval.bots.svc.cluster.local"].map((host) => reaches("clovis", host, 18789));
    expect(await Promise.all(ways)).toEqual([false, false]);
  });

  test("does not reach Vault or the API server: an agent gets its secrets only by its environment", async () => {
    const { address } = await recordOf();
    const ways = [8200, 6443].map((port) => reaches("clovis", address, port));
    expect(await Promise.all(ways)).toEqual([false, false]);
  });

  test("resolves names of the cluster", async () => {
    const script = 'require("node:dns").lookup("vault.vault.svc.cluster.local", (error, address) => console.log(error ? error.code : address))';
    expect(await kubectl("exec", "deployment/clovis", "--", "node", "-e", script)).toMatch(/^10\.96\./);
  });

  test("does not leave the machine: addresses outside are answered by nobody", async () => {
    expect(await reaches("clovis", "1.1.1.1", 443)).toBe(false);
    expect(await reaches("clovis", "8.8.8.8", 443)).toBe(false);
  });
});
