import { createServer } from "node:net";
import { FrotaError } from "../spec/error.ts";

/**
 * Makes sure that one process at a time changes a lab: an abstract socket, which the kernel frees with its process
 * however that ends. Throws LAB_BUSY when another has it.
 */
export async function lockLab(name: string): Promise<AsyncDisposable> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("listening", resolve);
  server.once("error", reject);
  server.listen(`\0frota-lab-${name}`);
  try {
    await promise;
  } catch (error) {
    throw new FrotaError(
      {
        code: "LAB_BUSY",
        message: `another frota is starting or stopping lab ${name}`,
        next: "wait until it has ended, then run the command again",
        outcome: "refused",
      },
      { cause: error },
    );
  }
  server.unref();
  return {
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())),
  };
}
