import { type Clock, hasCode, P8eError, retry } from "@p8e/core";

/** Who waits, and what for, in the words of an error. */
export interface Waiting {
  /** `the warehouse bank` */
  readonly who: string;
  /** `the objects of the loan` */
  readonly what: string;
  readonly signal: AbortSignal;
  readonly patienceMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

/** What is on its way between two stores is not there yet, under whichever name it was asked for. */
const NOT_THERE_YET = ["object.not_found", "session.not_found", "scope.incomplete"] as const;

/**
 * Looks again and again until what is on its way between two stores is there. `look` gives undefined, or throws one of
 * {@link NOT_THERE_YET}, as long as it is not.
 * @throws what `look` throws otherwise, at once; when patience ends, the last of its codes, or `rpc.deadline`, with words on
 *   who has waited for what
 */
export async function untilArrived<T>(
  { who, what, signal, patienceMs = PATIENCE_MS, clock }: Waiting,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const notYet = new P8eError("rpc.deadline", "it has not come");
  const isNotYet = (error: unknown) => error === notYet || hasCode(error, ...NOT_THERE_YET);
  try {
    return await retry(
      async () => {
        const found = await look();
        if (found === undefined) throw notYet;
        return found;
      },
      { forMs: patienceMs, firstMs: PAUSE_MS, mostMs: PAUSE_MS, when: isNotYet, clock, signal },
    );
  } catch (thrown) {
    if (!isNotYet(thrown)) throw thrown;
    const { code, message, facts } = P8eError.from(thrown);
    throw new P8eError(code, `${who} has waited ${patienceMs / 1000} seconds in vain for ${what}: ${message}`, {
      facts,
      cause: thrown,
      hint: "Is a store or this machine busy? Tell the story again; npx p8e doctor looks at what runs.",
    });
  }
}
