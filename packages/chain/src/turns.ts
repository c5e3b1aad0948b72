import { P8eError } from "@p8e/core";

/** Lets at most `places` holders in at a time, in the order of asking. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves with the function that gives the place back; calling it again does nothing. @throws `rpc.cancelled` */
  async take(signal?: AbortSignal): Promise<() => void> {
    throwIfAborted(signal);
    if (this.#free > 0) {
      this.#free -= 1;
      return this.#giver();
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        const position = this.#waiting.indexOf(enter);
        if (position < 0) return;
        this.#waiting.splice(position, 1);
        reject(cancelled(signal));
      };
      this.#waiting.push(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
    return this.#giver();
  }

  #giver(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    };
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}

/** Waits for `promise`, but not longer than until `signal` fires; the promise itself goes on. @throws `rpc.cancelled` */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  let leave = () => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(cancelled(signal));
    signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

function cancelled(signal: AbortSignal | undefined): P8eError {
  return new P8eError("rpc.cancelled", "the operation was cancelled", { cause: signal?.reason });
}
