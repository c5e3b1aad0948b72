// Not by name: an older Node.js has no getCompileCacheDir, and would say only that.
import * as modules from "node:module";
import { Worker } from "node:worker_threads";
import { cancellationOf, P8eError, siblingModule } from "@p8e/core";
import type { WorkerReply, WorkerRequest, WorkerStart } from "./worker-protocol.ts";

/**
 * One thread, as the host sees it: it answers one request at a time, and never after it was stopped. A thread that was
 * stopped, timed out or broke down is not used again.
 */
export interface SandboxWorker {
  readonly usable: boolean;
  /** @throws P8eError `contract.timeout`, `rpc.cancelled`, `internal.unexpected` */
  ask(
    request: WorkerRequest,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<WorkerReply>;
  stop(): Promise<void>;
}

/**
 * The interpreter's own limit on its stack counts its own frames; the host's frames below them need room too, or deep
 * recursion would end in the host's error, whose depth differs from machine to machine.
 */
export const NATIVE_STACK_MIB = 32;
const HEAP_MIB = 256;

/**
 * Starts a thread that holds no reference to anything of ours and does not keep the process alive while it is idle.
 * @param heapMib of the thread's own heap, in which no memory of the interpreter's is
 */
export function startSandboxWorker(start: WorkerStart, heapMib: number = HEAP_MIB): SandboxWorker {
  const compiled = modules.getCompileCacheDir();
  const thread = new Worker(siblingModule(import.meta.url, "./worker"), {
    workerData: start,
    // Nothing of the host's is handed on but where compiled modules are kept: the thread starts in a third of the time.
    env: compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled },
    argv: [],
    execArgv: [],
    stdin: false,
    resourceLimits: { stackSizeMb: NATIVE_STACK_MIB, maxOldGenerationSizeMb: heapMib },
  });
  thread.unref();
  let usable = true;
  // Also while nobody asks: an error without a listener would end the process.
  const fallen = (): void => {
    usable = false;
  };
  thread.on("error", fallen).on("exit", fallen);
  let stopped: Promise<unknown> | undefined;
  const stop = async (): Promise<void> => {
    usable = false;
    stopped ??= thread.terminate();
    await stopped;
  };
  const gone = (cause?: unknown) =>
    new P8eError("internal.unexpected", "the sandbox broke down while it ran the contract", {
      cause,
      hint: "The contract was not judged; nothing was recorded.",
    });

  return {
    get usable() {
      return usable;
    },
    stop,
    ask: (request, { timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
          thread.off("message", onMessage).off("error", onError).off("exit", onExit);
          thread.unref();
          settle();
        };
        const onMessage = (reply: WorkerReply): void => {
          if (reply.kind !== "broken") {
            finish(() => resolve(reply));
            return;
          }
          void stop();
          finish(() => reject(gone(new Error(reply.reason))));
        };
        const onError = (cause: unknown): void => {
          finish(() => reject(gone(cause)));
        };
        const onExit = (): void => onError(undefined);
        const onAbort = (): void => {
          void stop();
          finish(() => reject(cancellationOf(signal!)));
        };
        const timer = setTimeout(() => {
          void stop();
          finish(() => reject(timedOut(timeoutMs)));
        }, timeoutMs);
        if (signal?.aborted) return onAbort();
        signal?.addEventListener("abort", onAbort);
        thread.on("message", onMessage).on("error", onError).on("exit", onExit);
        thread.ref();
        thread.postMessage(request);
      }),
  };
}

function timedOut(timeoutMs: number): P8eError {
  return new P8eError("contract.timeout", "the sandbox gave no answer in time", { facts: { timeoutMs } });
}
