import { P8eError } from "@p8e/core";
import type { Served } from "@p8e/machine";

/**
 * A real node as environment variables describe it: `P8E_PROVENANCED` (its program), `P8E_LEDGER_DATA` (its home),
 * `P8E_LEDGER_PORT`, on 127.0.0.1. It stops with what is returned, and with this process.
 * @param onDeath called when the node ends without being asked to
 * @throws `configuration.invalid`; `process.failed` when it makes no blocks
 */
export async function serveNode(
  env: Readonly<Record<string, string | undefined>>,
  onDeath: () => void,
): Promise<Served> {
  const { P8E_PROVENANCED: program, P8E_LEDGER_DATA: home } = env;
  const port = Number(env.P8E_LEDGER_PORT);
  if (program === undefined || home === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new P8eError(
      "configuration.invalid",
      "P8E_PROVENANCED must name a program, P8E_LEDGER_DATA a folder, P8E_LEDGER_PORT a port",
    );
  }
  const { freeNodePorts, NodeProcess } = await import("@p8e/provenanced");
  const node = await NodeProcess.start({ program, home, ports: await freeNodePorts(port) });
  let isStopping = false;
  void node.ended.then(() => {
    if (!isStopping) onDeath();
  });
  return {
    port,
    url: `grpc://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => {
      isStopping = true;
      return node.stop();
    },
  };
}
