import { P8eError } from "@p8e/core";
import type { FailedMessage } from "./server-process.ts";

/** A server that a child process runs. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  /** Where clients reach it: `grpc://HOST:PORT`, with TLS `grpcs://HOST:PORT`. */
  readonly url: string;
}

/**
 * The frame of every server process: serves, tells the parent, and stops in order on SIGTERM, on SIGINT, or when the
 * parent is gone. Ends with the error's exit code when it cannot start.
 */
export async function serveAsChild(open: () => Promise<Served>): Promise<void> {
  let stopping = false;
  let served: Served | undefined;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    try {
      // What is still opening has acknowledged nothing: it may end as if it were killed.
      await served?.[Symbol.asyncDispose]();
    } finally {
      process.exit(0);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);
  // The parent may be gone before this line; nobody would tell then.
  if (process.send !== undefined && !process.connected) return stop();
  try {
    served = await open();
  } catch (thrown) {
    const error = P8eError.from(thrown);
    const { code, message, hint } = error;
    process.stderr.write(`${code}: ${message}${hint ? ` ${hint}` : ""}\n`);
    const exit = () => process.exit(error.status.exit);
    if (process.send === undefined) return exit();
    const failed: FailedMessage = { failed: { code, message } };
    process.send(failed, exit);
    return;
  }
  process.send?.({ ready: true, port: served.port });
}
