import { P8eError } from "@p8e/core";

/** A server that a child process runs. */
export interface Served extends AsyncDisposable {
  readonly port: number;
}

/**
 * The frame of every server process: serves, tells the parent, and stops in order on SIGTERM, on SIGINT, or when the
 * parent is gone. Ends with the error's exit code when it cannot start.
 */
export async function serveAsChild(open: () => Promise<Served>): Promise<void> {
  let served: Served;
  try {
    served = await open();
  } catch (thrown) {
    const error = P8eError.from(thrown);
    process.stderr.write(`${error.code}: ${error.message}${error.hint ? ` ${error.hint}` : ""}\n`);
    process.exit(error.status.exit);
  }
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    try {
      await served[Symbol.asyncDispose]();
    } finally {
      process.exit(0);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);
  process.send?.({ ready: true, port: served.port });
}
