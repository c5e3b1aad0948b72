import { isP8eError, P8eError } from "./errors.ts";

/**
 * The error for work that a signal has stopped: `rpc.deadline` when it fired because time ran out, the error of ours it
 * was fired with, else `rpc.cancelled`.
 */
export function cancellationOf(signal: AbortSignal): P8eError {
  const error = P8eError.from(signal.reason, "rpc.cancelled");
  if (isP8eError(signal.reason) || error.code !== "rpc.cancelled") return error;
  return new P8eError("rpc.cancelled", "the operation was cancelled", { cause: signal.reason });
}

/** @throws what {@link cancellationOf} says, when the signal has fired */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancellationOf(signal);
}

/**
 * Waits for `promise`, but not longer than until `signal` fires; the promise itself goes on, and how it ends then is
 * nobody's business any more.
 * @throws what {@link cancellationOf} says
 */
export async function untilCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let leave = () => {};
  const cancelled = new Promise<never>((_, reject) => {
    leave = () => reject(cancellationOf(signal));
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([cancelled, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
