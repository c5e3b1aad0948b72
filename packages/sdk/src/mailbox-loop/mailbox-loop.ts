import { type AccountAddress, type AccountPrefix, type Clock, hasCode, P8eError, type Uuid } from "@p8e/core";
import { accountAddress, type KeyReference } from "@p8e/crypto";
import { claimedSender, type Mail, type MailPace, type MailWake, type ObjectClient } from "@p8e/object-client";
import { mayPassLater } from "../may-pass-later.ts";
import { HeldMail } from "./held-mail.ts";
import { laterMs, mailFate } from "./mail-fate.ts";
import { type Quarantine, type QuarantinedMail, quarantined } from "./quarantine.ts";

/** What letters bring about. */
export interface MailHandler<Effect> {
  /** Whether a letter that this account says it has sent is opened at all. */
  mayWrite(sender: AccountAddress): Promise<boolean>;
  /** What a letter speaks of; asked only when its order matters. Undefined when it cannot be made out. */
  threadOf(mail: Mail): Promise<string | undefined>;
  /**
   * Opens and checks a letter and makes its effect durable, with its id: one that comes again has none. May throw at any
   * time, and has then changed nothing.
   */
  receive(mail: Mail, options: { readonly signal?: AbortSignal | undefined }): Promise<Effect>;
}

/** What the loop works with. */
export interface MailboxLoopParts<Effect> {
  readonly store: Pick<ObjectClient, "mail" | "acknowledge" | "watchMail">;
  /** The key that mail is encrypted for. */
  readonly key: KeyReference;
  readonly prefix: AccountPrefix;
  readonly handler: MailHandler<Effect>;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly pace?: Partial<MailPace> | undefined;
}

/** What the loop tells as it happens. */
export type MailNews<Effect> =
  /** A letter was taken in. */
  | { readonly kind: "received"; readonly mail: Uuid; readonly effect: Effect }
  /** A letter was set aside. */
  | { readonly kind: "quarantined"; readonly mail: QuarantinedMail }
  /** A letter is tried again later. */
  | { readonly kind: "held"; readonly mail: Uuid; readonly error: P8eError; readonly afterMs: number }
  /** The store cannot be asked; it is tried again. Told once, until it can be asked again. */
  | { readonly kind: "store-away"; readonly error: P8eError }
  | { readonly kind: "store-back" };

/** Letters of one fetch. */
const FETCH_MAX = 100;

/**
 * Takes in a party's mail until the signal fires: what is there, then what comes.
 *
 * A letter is acknowledged when its effect is durable, or when it was set aside with its reason; so a crash anywhere
 * repeats nothing and loses nothing. One that fails for a reason that may pass is tried again, and holds up only those
 * that speak of the same execution. Who sent it is looked at before it is opened: a stranger's letter costs a parse of its
 * header and a row.
 *
 * @throws `rpc.denied`, `rpc.tls`, `state.…`: what no later letter could mend either
 */
export async function* mailboxLoop<Effect>(
  parts: MailboxLoopParts<Effect>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<MailNews<Effect>, void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted) end();
  const { signal } = stop;
  const { store, key, clock, pace } = parts;
  const held = new HeldMail();
  const wakes = store.watchMail(key.publicKey, { signal, pace })[Symbol.asyncIterator]();
  let next = wakes.next();
  next.catch(() => {}); // it is awaited below, perhaps much later
  let away = false;
  try {
    while (!signal.aborted) {
      const wake = await wakeOrDue(next, held, clock, signal);
      if (wake?.done || signal.aborted) return;
      try {
        for await (const news of takeIn(parts, held, signal)) {
          if (news.kind !== "fetched") yield news;
          else {
            if (news.count > 0) wake?.value.found();
            if (away) yield { kind: "store-back" };
            away = false;
          }
        }
      } catch (thrown) {
        if (signal.aborted) return;
        const error = P8eError.from(thrown);
        if (!isAway(error)) throw error;
        if (!away) yield { kind: "store-away", error };
        away = true;
        if (wake === undefined) await clock.sleep(laterMs(3), signal).catch(() => {}); // the loop looks at the signal
      }
      if (wake !== undefined) {
        next = wakes.next();
        next.catch(() => {}); // as above
      }
    }
  } finally {
    options.signal?.removeEventListener("abort", end);
    stop.abort();
    await wakes.return?.(undefined);
  }
}

/**
 * Takes in what waits at the store now, as {@link mailboxLoop} does, and ends. What may be tried again stays there.
 * @throws as the loop, and when the store cannot be asked
 */
export async function* takeInMail<Effect>(
  parts: MailboxLoopParts<Effect>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<MailNews<Effect>, void> {
  const { signal = new AbortController().signal } = options;
  for await (const news of takeIn(parts, new HeldMail(), signal)) if (news.kind !== "fetched") yield news;
}

type Fetched = { readonly kind: "fetched"; readonly count: number };

/** The wake, or undefined when a letter that was held back is due. */
async function wakeOrDue(
  next: Promise<IteratorResult<MailWake, unknown>>,
  held: HeldMail,
  clock: Clock,
  signal: AbortSignal,
): Promise<IteratorResult<MailWake, void> | undefined> {
  const dueMs = held.untilDue(clock.now());
  if (dueMs === undefined) return (await next) as IteratorResult<MailWake, void>;
  const left = new AbortController();
  const due = clock.sleep(dueMs, AbortSignal.any([left.signal, signal])).catch(() => {}); // the wake came first
  try {
    return (await Promise.race([next, due])) as IteratorResult<MailWake, void> | undefined;
  } finally {
    left.abort();
  }
}

/** Fetches and handles until the store has nothing more that could be handled now. */
async function* takeIn<Effect>(
  parts: MailboxLoopParts<Effect>,
  held: HeldMail,
  signal: AbortSignal,
): AsyncGenerator<MailNews<Effect> | Fetched, void> {
  const { store, key, clock } = parts;
  const seen = new Set<Uuid>();
  while (!signal.aborted) {
    const skip = new Set([...held.notDue(clock.now()), ...seen]);
    const letters = await store.mail(key, { limit: FETCH_MAX, skip, signal });
    yield { kind: "fetched", count: letters.length };
    if (letters.length === 0) return;
    for (const mail of letters) {
      // Those that wait come first at the store; what is behind them has to wait for room.
      if (signal.aborted || (held.isFull && !held.has(mail.uuid))) return;
      const news = await handle(parts, held, mail, signal);
      if (news !== undefined) yield news;
      // Still at the store: this pass has done with it.
      if (held.has(mail.uuid)) seen.add(mail.uuid);
    }
  }
}

async function handle<Effect>(
  parts: MailboxLoopParts<Effect>,
  held: HeldMail,
  mail: Mail,
  signal: AbortSignal,
): Promise<MailNews<Effect> | undefined> {
  const { handler, quarantine, clock, prefix } = parts;
  let sender: AccountAddress | undefined;
  let news: MailNews<Effect>;
  try {
    if (await quarantine.has(mail.uuid)) {
      await acknowledge(parts, held, mail, signal);
      return undefined;
    }
    sender = accountAddress(claimedSender(mail), prefix);
    if (!(await handler.mayWrite(sender))) return await setAside(parts, held, mail, signal, "stranger", sender);
    const thread = held.hasThreads ? await handler.threadOf(mail) : undefined;
    if (thread !== undefined && held.blocks(thread, mail.uuid)) {
      held.holdBehind(mail.uuid, thread, clock.now());
      return undefined;
    }
    news = { kind: "received", mail: mail.uuid, effect: await handler.receive(mail, { signal }) };
  } catch (thrown) {
    const error = P8eError.from(thrown);
    const fate = mailFate(error, held.attempts(mail.uuid) + 1);
    switch (fate.kind) {
      case "stop":
        throw error;
      case "quarantine":
        return await setAside(parts, held, mail, signal, fate.reason, sender, error);
      case "later":
        held.hold(mail.uuid, await threadOf(parts, mail), clock.now(), fate.afterMs);
        return { kind: "held", mail: mail.uuid, error, afterMs: fate.afterMs };
    }
  }
  await acknowledge(parts, held, mail, signal);
  return news;
}

async function setAside<Effect>(
  parts: MailboxLoopParts<Effect>,
  held: HeldMail,
  mail: Mail,
  signal: AbortSignal,
  reason: QuarantinedMail["reason"],
  sender: AccountAddress | undefined,
  error: P8eError = unknownSender(sender),
): Promise<MailNews<Effect>> {
  const row = quarantined(mail, error, { atMs: parts.clock.now(), reason, sender });
  await parts.quarantine.add(row);
  await acknowledge(parts, held, mail, signal);
  return { kind: "quarantined", mail: row };
}

/** What was done is durable; a store that cannot hear of it now hands the letter out again, and then it is nothing new. */
async function acknowledge<Effect>(
  { store, key, clock }: MailboxLoopParts<Effect>,
  held: HeldMail,
  mail: Mail,
  signal: AbortSignal,
): Promise<void> {
  try {
    await store.acknowledge(mail.uuid, key.publicKey, { signal });
    held.release(mail.uuid);
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (signal.aborted || !isAway(error)) throw error;
    held.hold(mail.uuid, undefined, clock.now(), laterMs(Math.min(held.attempts(mail.uuid) + 1, 10)));
  }
}

async function threadOf<Effect>({ handler }: MailboxLoopParts<Effect>, mail: Mail): Promise<string | undefined> {
  try {
    return await handler.threadOf(mail);
  } catch {
    return undefined; // what cannot be read holds nobody up
  }
}

function unknownSender(sender: AccountAddress | undefined): P8eError {
  return new P8eError("key.unavailable", "a mail came from somebody who is no partner and has no part in a session", {
    facts: { address: sender },
  });
}

/** Failures of the store, or on the way to it, that may pass; too large is a letter that somebody may take away. */
function isAway(error: P8eError): boolean {
  return mayPassLater(error) || hasCode(error, "input.too_large");
}
