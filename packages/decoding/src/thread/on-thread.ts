// Not by name: an older Node.js has no getCompileCacheDir, and would say only that.
import * as modules from "node:module";
import { Worker } from "node:worker_threads";
import { cancellationOf, P8eError, siblingModule } from "@p8e/core";
import type { DecodingBudget } from "../decoding-budget.ts";
import type { Refusal } from "../decoding-fault.ts";

/** What the thread is asked: whether bytes are read as a message, within a budget. */
export interface ThreadQuestion {
  /** A serialized FileDescriptorSet. */
  readonly types: Uint8Array;
  readonly typeName: string;
  readonly bytes: Uint8Array;
  readonly budget: DecodingBudget;
  /** Whether they are also compared with what encoding the message gives. */
  readonly encode: boolean;
}

/** What the thread answers. */
export type ThreadAnswer =
  | { readonly kind: "read"; readonly fields: number; readonly same: boolean }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Several times what any budget counts: the budget ends a reading, this ends a thread whose counting has a fault. */
const HEAP_MIB = 1024;

/** How a thread is asked. */
export interface ThreadOptions {
  /** Ends the thread. */
  readonly signal?: AbortSignal | undefined;
  /** Of the thread's heap. */
  readonly heapMib?: number | undefined;
}

/**
 * Asks a new thread, which ends with its answer or with the signal. What takes more memory than the thread has is refused.
 *
 * @param what the message, for the words of an error
 * @throws P8eError `rpc.cancelled`, `internal.unexpected`
 */
export function onThread(
  question: ThreadQuestion,
  what: string,
  { signal, heapMib = HEAP_MIB }: ThreadOptions = {},
): Promise<ThreadAnswer> {
  const compiled = modules.getCompileCacheDir();
  const thread = new Worker(siblingModule(import.meta.url, "./examining-thread"), {
    // Sending a view sends the whole buffer behind it, and what else may lie there.
    workerData: { ...question, types: alone(question.types), bytes: alone(question.bytes) },
    env: compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled },
    argv: [],
    execArgv: [],
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: heapMib },
  });
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      signal?.removeEventListener("abort", onAbort);
      settle();
      void thread.terminate();
    };
    const onAbort = (): void => finish(() => reject(cancellationOf(signal!)));
    const onGone = (cause?: unknown): void => {
      if ((cause as NodeJS.ErrnoException | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY") {
        finish(() => resolve({ kind: "refused", refusal: tooLarge(heapMib) }));
        return;
      }
      finish(() => reject(new P8eError("internal.unexpected", `the thread that read ${what} broke down`, { cause })));
    };
    signal?.addEventListener("abort", onAbort);
    thread.once("message", (answer: ThreadAnswer) => finish(() => resolve(answer)));
    // They stay: an error without a listener would end the process.
    thread.on("error", onGone).on("exit", () => onGone());
  });
}

function tooLarge(heapMib: number): Refusal {
  const problem = "takes more memory to read than there is for it";
  return { field: "", problem, limit: { of: "resultBytes", max: heapMib * 1024 * 1024 } };
}

function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
