import { pause } from "@p8e/core";

const PAUSE_MS = 25;

/** How long to ask, and which failures are no answer yet. */
export interface EventuallyOptions {
  /** 30 s unless given. */
  readonly limitMs?: number;
  /** None unless given: a failure is the answer. */
  readonly isLater?: (error: unknown) => boolean;
}

/**
 * Asks again until the answer is what is expected: for what another process, or another task, does in its own time.
 * @throws Error with the last answer, or with the last failure as its cause, when it does not come about in time; any
 *   failure at once that `isLater` does not know
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  isExpected: (answer: T) => boolean = () => true,
  { limitMs = 30_000, isLater = () => false }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    let last: { readonly answer: T } | { readonly cause: unknown };
    try {
      const answer = await ask();
      if (isExpected(answer)) return answer;
      last = { answer };
    } catch (cause) {
      if (!isLater(cause)) throw cause;
      last = { cause };
    }
    if (performance.now() > deadline) {
      const still = "answer" in last ? JSON.stringify(last.answer, plain) : `failing: ${String(last.cause)}`;
      throw new Error(`${what}: still ${still} after ${limitMs} ms`, "cause" in last ? last : {});
    }
    await pause(PAUSE_MS);
  }
}

/** bigint as text, which JSON cannot say. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
