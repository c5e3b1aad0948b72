import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { ScopeSpecification } from "@p8e/contract";
import { cancellationOf, P8eError, siblingModule } from "@p8e/core";

/**
 * The scope specifications that a module exports now: this process keeps the modules that it has loaded, a new thread
 * has none.
 * @throws `contract.build_failed` when the module cannot be loaded; `rpc.cancelled`
 */
export async function freshScopeSpecificationsOf(
  file: string,
  signal: AbortSignal,
): Promise<readonly ScopeSpecification[]> {
  const worker = new Worker(siblingModule(import.meta.url, "./scope-specifications-thread"), {
    workerData: pathToFileURL(file).href,
  });
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", (cause) => {
        reject(
          new P8eError("contract.build_failed", "the contract's module cannot be loaded", { cause, facts: { file } }),
        );
      });
      worker.once("exit", () => reject(new P8eError("process.failed", "the contract's module gave no exports")));
      onAbort = () => reject(cancellationOf(signal));
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
    });
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
    await worker.terminate();
  }
}
