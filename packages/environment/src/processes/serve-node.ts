import { mkdir } from "node:fs/promises";
import { P8eError } from "@p8e/core";
import { lockFolder, type Served } from "@p8e/machine";
import { keepNodeHome } from "../node-home.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A real node with a chain of its own, as a server by itself. */
export interface NodeServing {
  /** `P8E_PROVENANCED` and `PATH`, by which its program is found. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Its home; with the genesis of the development accounts where there is none. */
  readonly home: string;
  readonly chainId: string;
  readonly listen: Address;
  /** Where CometBFT's RPC is; a free port of this machine unless given. */
  readonly rpcListen?: Address | undefined;
  /** Called when the node ends without being asked to. */
  readonly onDeath: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Serves a real node until what is returned is disposed of. Its keys are the published ones of the local network.
 * @throws `environment.unsupported` without its program, `environment.in_use`, `process.failed`
 */
export async function serveNodeByItself(options: NodeServing): Promise<Served> {
  const { home, listen, rpcListen, signal } = options;
  const { findNodeProgram, freeNodePorts, NodeProcess } = await import("@p8e/provenanced");
  const { program } = await findNodeProgram(options.variables, { signal });
  await using stack = new AsyncDisposableStack();
  const folder = `${home}.lock`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  stack.use(await lockFolder(folder, { runs: "the node", signal, hint: "Stop the other one first." }));
  await keepNodeHome(program, home, options.chainId, signal);
  const free = await freeNodePorts(listen.port);
  const node = stack.use(
    await NodeProcess.start({
      ...{ program, home, signal },
      ports: { ...free, rpc: rpcListen?.port ?? free.rpc },
      hosts: { grpc: listen.host, rpc: rpcListen?.host ?? "127.0.0.1" },
    }),
  );
  let isStopping = false;
  void node.ended.then(() => {
    if (!isStopping) options.onDeath();
  });
  const owned = stack.move();
  return {
    port: listen.port,
    url: `grpc://${listen.host}:${listen.port}`,
    [Symbol.asyncDispose]: () => {
      isStopping = true;
      return owned.disposeAsync();
    },
  };
}

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
