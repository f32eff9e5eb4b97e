import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { candidateNetwork, isTaken } from "./network.ts";

const last = (address: string) => Number(address.split(".")[3]);

describe("candidateNetwork", () => {
  test("gives a /30 whose two usable addresses are the host's and the lab's", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 63 }), (name, attempt) => {
        const { hostAddress, labAddress, hostInterface } = candidateNetwork(name, attempt);
        expect(last(hostAddress) % 4).toBe(1);
        expect(last(labAddress)).toBe(last(hostAddress) + 1);
        expect(last(labAddress)).toBeLessThan(255);
        expect(hostInterface.length).toBeLessThanOrEqual(15);
      }),
    );
  });

  test("64 attempts are 64 networks", () => {
    const all = Array.from({ length: 64 }, (_, attempt) => candidateNetwork("default", attempt).hostAddress);
    expect(new Set(all).size).toBe(64);
  });
});

describe("isTaken", () => {
  const network = { hostAddress: "10.213.7.121", labAddress: "10.213.7.122", hostInterface: "frota-1" };
  test.each([
    ["the very network", "10.213.7.120/30", true],
    ["an address in it", "10.213.7.122", true],
    ["a network around it", "10.213.0.0/16", true],
    ["all of 10", "10.0.0.0/8", true],
    ["its neighbour", "10.213.7.124/30", false],
    ["another network", "192.168.1.0/24", false],
    ["the default route", "0.0.0.0/0", false],
    ["no address at all", "default", false],
  ])("%s", (_, route, taken) => {
    expect(isTaken(network, [route])).toBe(taken);
  });
});
