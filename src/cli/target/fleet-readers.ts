import type { ImageReader, SecretKeysReader } from "../../engine/ports.ts";
import { checkImage } from "../../registry/check-image.ts";
import { FrotaError } from "../../spec/error.ts";
import type { CliContext } from "../context.ts";
import type { FleetSession } from "./fleet-session.ts";
import { imageOrMissing, registryOptions } from "./registry-access.ts";
import { openVault } from "./vault-access.ts";

/** Reads images as the target's nodes would pull them, with the credentials that the user or the fleet has. */
export function imageReader(context: CliContext, { target, source, cluster, namespace }: FleetSession): ImageReader {
  const pull = { cluster, namespace, names: source.fleet.spec.image.pullSecrets };
  const options = registryOptions(context, target, pull);
  return {
    async read(reference) {
      const image = await imageOrMissing(reference, options);
      if (!image) return undefined;
      const problem = checkImage(image).find(({ severity }) => severity === "error");
      return {
        digest: image.digest,
        ...(image.openclawVersion === undefined ? {} : { openclawVersion: image.openclawVersion }),
        ...(problem ? { problem: problem.message } : {}),
      };
    },
  };
}

/** Reads which keys Vault has, as the user. A sealed Vault refuses; no address or token leaves it unasked. */
export function secretKeysReader(context: CliContext, { target, source }: FleetSession): SecretKeysReader {
  let vault: ReturnType<typeof openVault> | undefined;
  return {
    async keys(path) {
      try {
        vault ??= openVault(context, target, source.fleet);
        return (await (await vault).store.keys(path))?.keys;
      } catch (error) {
        throw error instanceof FrotaError && error.code === "VAULT_SEALED" ? asRefusal(error) : error;
      }
    },
  };
}

function asRefusal({ code, message, where, next }: FrotaError): FrotaError {
  const place = where ? { where } : {};
  return new FrotaError({ code, message, ...place, ...(next === undefined ? {} : { next }), outcome: "refused" });
}
