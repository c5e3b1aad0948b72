import { type Clock, hasCode, jittered, P8eError, type RandomBytes, systemClock } from "@p8e/core";
import { type PublicKey, systemRandom } from "@p8e/crypto";
import * as mailbox from "@p8e/proto/mailbox";
import type { RpcClient } from "@p8e/rpc";

/** It is worth asking for mail. */
export interface MailWake {
  /** The store said so, or it is time to look. */
  readonly by: "store" | "time";
  /** To be called when there was mail: where the store says nothing, more is looked for soon. */
  found(): void;
}

/** How often to look where the store cannot say that something came, and where it can; in milliseconds. */
export interface MailPace {
  /** After mail was found. Default 200. */
  readonly soonestMs: number;
  /** After nothing was found for a while. Default 5 s. */
  readonly latestMs: number;
  /** Beside the store's own word, should one be lost. Default 30 s. */
  readonly besideMs: number;
  /** How long a store that cannot say it, or has too many watchers, is not asked again. Default 5 minutes. */
  readonly refusedMs: number;
}

/** What a watch is made of. */
export interface WatchMailOptions {
  /** Ends the iteration; it is no error. */
  readonly signal?: AbortSignal | undefined;
  readonly pace?: Partial<MailPace> | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomBytes | undefined;
}

const PACE: MailPace = { soonestMs: 200, latestMs: 5000, besideMs: 30_000, refusedMs: 300_000 };
const GROWTH = 1.5;

/**
 * Yields at once and whenever it is worth asking for a key's mail again; wakes that come while the reader is busy are
 * one. Over p8e.mailbox.v1.Mailbox/Watch where the store has it, else at a pace that follows what is found. A store that
 * is away is tried again, for as long as the signal lets it.
 * @throws `rpc.denied`, `rpc.tls`, `input.invalid`: what trying again does not mend
 */
export async function* watchMail(
  rpc: RpcClient,
  key: PublicKey,
  { signal, pace, clock = systemClock, random = systemRandom }: WatchMailOptions = {},
): AsyncGenerator<MailWake, void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();
  const bell = new Bell({ ...PACE, ...pace }, clock, random);
  const listening = listen(rpc, key, bell, stop.signal).catch((error: unknown) => bell.fail(error));
  try {
    for (;;) {
      const by = await bell.rung(stop.signal);
      if (by === undefined) return;
      yield { by, found: () => bell.found() };
    }
  } finally {
    signal?.removeEventListener("abort", end);
    stop.abort();
    await listening;
  }
}

/** Keeps a watch open at the store, and tells the bell what the store says and when it is not listening. */
async function listen(rpc: RpcClient, key: PublicKey, bell: Bell, signal: AbortSignal): Promise<void> {
  const { pace, clock, random } = bell;
  let waitMs = pace.soonestMs;
  while (!signal.aborted) {
    try {
      for await (const _ of rpc.serverStream(
        mailbox.Mailbox.method.watch,
        { publicKey: key.uncompressed },
        { signal },
      )) {
        waitMs = pace.soonestMs;
        bell.ring();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (hasCode(error, "rpc.denied", "rpc.tls", "input.invalid")) throw error;
      bell.silent();
      if (hasCode(error, "rpc.unimplemented", "rpc.exhausted")) {
        await clock.sleep(jittered(pace.refusedMs, random), signal).catch(() => {}); // the loop looks at the signal
        continue;
      }
    }
    await clock.sleep(jittered(waitMs, random), signal).catch(() => {}); // as above
    waitMs = Math.min(pace.latestMs, waitMs * 2);
  }
}

/** Rings when the store says so, and when it is time. */
class Bell {
  readonly pace: MailPace;
  readonly clock: Clock;
  readonly random: RandomBytes;
  #rung = false;
  #heard = false;
  #first = true;
  #failure: { readonly error: unknown } | undefined;
  #waitMs: number;
  #wake = new AbortController();

  constructor(pace: MailPace, clock: Clock, random: RandomBytes) {
    this.pace = pace;
    this.clock = clock;
    this.random = random;
    this.#waitMs = pace.soonestMs;
  }

  ring(): void {
    this.#heard = true;
    this.#rung = true;
    this.#wake.abort();
  }

  /** The store does not say any more when something comes: looking begins at once. */
  silent(): void {
    if (!this.#heard) return;
    this.#heard = false;
    this.#waitMs = this.pace.soonestMs;
    this.#wake.abort();
  }

  found(): void {
    this.#waitMs = this.pace.soonestMs;
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake.abort();
  }

  /** Why it is time to ask for mail; undefined when the signal fired. */
  async rung(signal: AbortSignal): Promise<MailWake["by"] | undefined> {
    while (!signal.aborted) {
      if (this.#failure !== undefined) throw P8eError.from(this.#failure.error);
      if (this.#rung || this.#first) {
        const by = this.#rung ? "store" : "time";
        this.#rung = false;
        this.#first = false;
        return by;
      }
      if (await this.#passed(signal)) return "time";
    }
    return undefined;
  }

  /** Sleeps until it is time; false when something happened before. */
  async #passed(signal: AbortSignal): Promise<boolean> {
    this.#wake = new AbortController();
    const waitMs = this.#heard ? this.pace.besideMs : this.#waitMs;
    try {
      await this.clock.sleep(jittered(waitMs, this.random), AbortSignal.any([this.#wake.signal, signal]));
    } catch {
      return false; // woken or stopped
    }
    if (!this.#heard) this.#waitMs = Math.min(this.pace.latestMs, this.#waitMs * GROWTH);
    return true;
  }
}
