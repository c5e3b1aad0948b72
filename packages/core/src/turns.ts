import { cancellationOf, throwIfCancelled } from "./cancellation.ts";
import { invariant } from "./errors.ts";

/**
 * Lets at most so many in at a time, in the order of asking.
 *
 *     using place = await turns.take(signal);
 */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    invariant(Number.isInteger(places) && places > 0, "there is at least one place");
    this.#free = places;
  }

  /** How many wait for a place. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves with a place, which is given back by disposing of it, once. @throws `rpc.cancelled` when the signal fires */
  async take(signal?: AbortSignal | undefined): Promise<Disposable> {
    throwIfCancelled(signal);
    if (this.#free > 0) {
      this.#free -= 1;
      return this.#place();
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(enter);
        reject(cancellationOf(signal!));
      };
      this.#waiting.add(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
    return this.#place();
  }

  #place(): Disposable {
    let given = false;
    return {
      [Symbol.dispose]: () => {
        if (given) return;
        given = true;
        this.#next();
      },
    };
  }

  #next(): void {
    for (const enter of this.#waiting) {
      this.#waiting.delete(enter);
      enter();
      return;
    }
    this.#free += 1;
  }
}
