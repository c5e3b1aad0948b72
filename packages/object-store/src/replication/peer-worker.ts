import { P8eError, type RandomBytes, type Uuid } from "@p8e/core";
import type { ReplicationConfiguration } from "../configuration.ts";
import type { KeyText } from "../domain/audience.ts";
import type { EndedSend } from "../domain/call-facts.ts";
import { isDead, peerWaitMs, refusalWaitMs, refusingWaitMs, type SendFailure } from "../domain/replication-outcome.ts";
import { type Log, reasonOf } from "../log.ts";
import type { PassingBytes } from "../passing-bytes.ts";
import type { Database } from "../postgres/database.ts";
import { GroupCommit } from "../postgres/group-commit.ts";
import { findByUuid, propertiesText } from "../postgres/object-rows.ts";
import type { Claim, StoreBus } from "../postgres/store-bus.ts";
import { randomFraction } from "../random.ts";
import type { BlobReader } from "../storage/blob-storage.ts";
import { openStored } from "../storage/open-stored.ts";
import type { StoreClock } from "../store-clock.ts";
import type { ConnectPeer, PeerLink } from "./peer-link.ts";
import {
  closeDelivered,
  type Delivery,
  dropClosed,
  dueItems,
  endPeerRefusal,
  nextDueMs,
  notePeerFailure,
  notePeerRefusal,
  notePeerSuccess,
  noteRefusal,
  type QueueItem,
} from "./queue-rows.ts";
import { SendWindow } from "./send-window.ts";
import { StallWatch } from "./stall-watch.ts";
import { Waker } from "./waker.ts";

/** What sending to a peer needs of the store. */
export interface PeerWorkerParts {
  readonly configuration: ReplicationConfiguration;
  readonly database: Database;
  readonly bus: StoreBus;
  readonly storage: BlobReader;
  readonly passing: PassingBytes;
  readonly connectPeer: ConnectPeer;
  /** Told of every object that could not be sent, and why. */
  readonly suspect: (uuid: Uuid, thrown: unknown) => void;
  /** Told of every object that was sent, or was not. */
  readonly onSend: (ended: EndedSend) => void;
  readonly clock: StoreClock;
  readonly random: RandomBytes;
  readonly log: Log;
}

const outcomes: Readonly<Record<SendFailure["kind"], EndedSend["outcome"]>> = {
  peer: "peer_away",
  refusing: "peer_refuses",
  refusal: "object_refused",
  local: "failed_here",
};
const FAILURE_NOTE_MS = 30_000;

interface Sendable {
  readonly objectUuid: Uuid;
  readonly attempts: number;
  readonly lengthBytes: number;
}

/**
 * Sends one peer what its keys are to get: in the order of the queue, a few at once, over one connection.
 *
 * states: unclaimed -> claimed -> (sending <-> idle <-> backing off). Of all processes of the store one claims the peer;
 * when its connection to the database is lost, so is the claim, and sending stops until it is claimed again.
 * A peer that cannot be reached is backed off from as a whole and no object is blamed; so is one that refuses whatever it is
 * sent, for up to an hour. An object that the peer refuses waits by itself while the others go on.
 */
export class PeerWorker implements AsyncDisposable {
  readonly url: string;
  readonly #parts: PeerWorkerParts;
  readonly #peer: PeerLink;
  readonly #stopped = new AbortController();
  readonly #waker: Waker;
  readonly #acknowledgements: GroupCommit<Delivery, undefined>;
  readonly #inFlight = new Set<Uuid>();
  readonly #running: Promise<void>;
  #keys: readonly KeyText[];
  #claimed = false;
  #failures = 0;
  #refusals = 0;
  #retryAt = 0;
  #notedAt = Number.NEGATIVE_INFINITY;
  #state: "unknown" | "working" | "away" | "refusing" = "unknown";

  /** @throws as {@link ConnectPeer} */
  constructor(url: string, keys: readonly KeyText[], parts: PeerWorkerParts) {
    this.url = url;
    this.#keys = keys;
    this.#parts = parts;
    this.#waker = new Waker(parts.clock);
    this.#peer = parts.connectPeer(url);
    this.#acknowledgements = new GroupCommit({
      write: async (deliveries) => {
        await closeDelivered(parts.database, deliveries);
        return deliveries.map(() => undefined);
      },
      rowsMax: 100,
      inFlightMax: 1,
      sizeOf: () => 1,
      bytesMax: 100,
    });
    this.#running = this.#supervise();
  }

  get claimed(): boolean {
    return this.#claimed;
  }

  setKeys(keys: readonly KeyText[]): void {
    this.#keys = keys;
    this.wake();
  }

  wake(): void {
    this.#waker.wake();
  }

  /** A peer that is left alone is asked again at once. */
  retryNow(): void {
    this.#retryAt = 0;
    this.#waker.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#peer[Symbol.asyncDispose]();
  }

  /** A loop that must not end before we say so: whatever it stumbles over, it starts again. */
  async #supervise(): Promise<void> {
    const { pollMs } = this.#parts.configuration;
    const stopped = this.#stopped.signal;
    while (!stopped.aborted) {
      let claim: Claim | undefined;
      try {
        claim = await this.#parts.bus.claim(`replication to ${this.url}`);
        this.#claimed = claim !== undefined;
        if (claim) await this.#serve(claim);
      } catch (error) {
        this.#parts.log("warn", "replication was interrupted", { peer: this.url, reason: reasonOf(error) });
      } finally {
        this.#claimed = false;
        await claim?.release();
      }
      if (!stopped.aborted) await this.#waker.sleep(pollMs, stopped);
    }
  }

  async #serve(claim: Claim): Promise<void> {
    const { configuration, database } = this.#parts;
    const ended = AbortSignal.any([claim.lost, this.#stopped.signal]);
    const window = new SendWindow();
    try {
      while (!ended.aborted) {
        await this.#backOff(ended);
        if (ended.aborted) return;
        const peer = { url: this.url, keys: this.#keys };
        const due = await dueItems(database, peer, [...this.#inFlight], configuration.claimSize);
        if (due.length === 0) {
          const nextMs = (await nextDueMs(database, peer)) ?? configuration.pollMs;
          await this.#waker.sleep(Math.min(Math.max(nextMs, 20), configuration.pollMs), ended);
          continue;
        }
        if (this.#failures > 0 && !(await this.#probe(ended))) continue;
        await this.#dispatch(await this.#sendable(due), window, ended);
      }
    } finally {
      await window.idle();
    }
  }

  /** Wake-ups do not count here: a peer that is away is not asked more often because more waits for it. */
  async #backOff(ended: AbortSignal): Promise<void> {
    for (let waitMs = 1; !ended.aborted && waitMs > 0; ) {
      waitMs = this.#retryAt - this.#parts.clock.elapsed();
      if (waitMs > 0) await this.#waker.sleep(waitMs, ended);
    }
  }

  async #probe(ended: AbortSignal): Promise<boolean> {
    try {
      await this.#peer.connect(ended);
      return true;
    } catch (error) {
      if (!ended.aborted) await this.#peerFailed(reasonOf(error));
      return false;
    }
  }

  /** One entry for each object, whichever of the peer's keys it is due for. */
  async #sendable(due: readonly QueueItem[]): Promise<readonly Sendable[]> {
    const { database } = this.#parts;
    const closed = due.filter((item) => !item.open);
    if (closed.length > 0) await dropClosed(database, closed);
    const objects = new Map<Uuid, Sendable>();
    for (const { objectUuid, attempts, lengthBytes, open, key } of due) {
      if (!open) continue;
      if (lengthBytes === undefined) {
        const reason = "the object is no longer in this store";
        await noteRefusal(database, { objectUuid, keys: [key] }, { reason, attempts, waitMs: undefined });
        continue;
      }
      const before = objects.get(objectUuid)?.attempts ?? 0;
      objects.set(objectUuid, { objectUuid, attempts: Math.max(before, attempts), lengthBytes });
    }
    return [...objects.values()];
  }

  async #dispatch(objects: readonly Sendable[], window: SendWindow, ended: AbortSignal): Promise<void> {
    for (const object of objects) {
      // A peer that has just failed gets one object to show that it is back.
      if (this.#failures > 0) await window.idle();
      await window.room(object.lengthBytes);
      if (ended.aborted || this.#retryAt > this.#parts.clock.elapsed()) return;
      this.#inFlight.add(object.objectUuid);
      window.add(object.lengthBytes, async () => {
        try {
          await this.#send(object, ended);
        } catch (error) {
          this.#parts.log("warn", "could not note a replication's outcome", { reason: reasonOf(error) });
        } finally {
          this.#inFlight.delete(object.objectUuid);
        }
      });
    }
  }

  async #send(object: Sendable, ended: AbortSignal): Promise<void> {
    const delivery: Delivery = { objectUuid: object.objectUuid, keys: this.#keys };
    const startedAt = this.#parts.clock.elapsed();
    const tell = (outcome: EndedSend["outcome"], bytes = 0) => {
      const durationMs = this.#parts.clock.elapsed() - startedAt;
      this.#parts.onSend({ url: this.url, objectUuid: object.objectUuid, outcome, bytes, durationMs });
    };
    try {
      await this.#transfer(object.objectUuid, ended);
    } catch (error) {
      if (ended.aborted) return;
      this.#parts.suspect(object.objectUuid, error);
      const failure = this.#peer.failureOf(error);
      tell(outcomes[failure.kind]);
      if (failure.kind === "peer") return this.#peerFailed(failure.reason);
      if (failure.kind === "refusing") return this.#peerRefuses(delivery, failure.reason);
      if (failure.kind === "local") {
        this.#parts.log("warn", "replication is waiting for this store's database", { reason: failure.reason });
        this.#retryAt = this.#parts.clock.elapsed() + 1000;
        return;
      }
      return this.#refused(object, delivery, failure);
    }
    tell("delivered", object.lengthBytes);
    await this.#acknowledgements.submit(delivery);
    await this.#peerWorks();
  }

  /** The object waits as long as the peer does, so that the next one shows whether it is the peer or this object. */
  async #peerRefuses(delivery: Delivery, reason: string): Promise<void> {
    const { configuration, random } = this.#parts;
    await notePeerRefusal(this.#parts.database, delivery, {
      reason,
      firstWaitMs: configuration.peerBackoffMinMs || 1000,
    });
    if (this.#retryAt > this.#parts.clock.elapsed()) return; // one of several that were under way
    const waitMs = refusingWaitMs(++this.#refusals, configuration.peerBackoffMinMs, () => randomFraction(random));
    await this.#peerFailed(reason, waitMs);
  }

  async #transfer(uuid: Uuid, ended: AbortSignal): Promise<void> {
    const { database, storage, log } = this.#parts;
    const object = await findByUuid(database, uuid);
    if (!object) throw new P8eError("object.not_found", "the object is no longer in this store");
    const properties = await propertiesText(database, uuid);
    using stall = new StallWatch(this.#parts.clock);
    // Closed here and not by the messages: when the peer is away nobody ever asks for the first of them.
    await using stored = await openStored(storage, object, log);
    await this.#peer.send(
      { object, propertiesText: properties, stored },
      {
        signal: AbortSignal.any([ended, stall.signal]),
        onProgress: (bytes) => {
          stall.progress();
          this.#parts.passing.note(bytes);
        },
      },
    );
  }

  async #refused(
    object: Sendable,
    delivery: Delivery,
    failure: { readonly reason: string; readonly permanent: boolean },
  ): Promise<void> {
    const attempts = object.attempts + 1;
    const dead = isDead(attempts, failure.permanent);
    const waitMs = dead ? undefined : refusalWaitMs(attempts, () => randomFraction(this.#parts.random));
    await noteRefusal(this.#parts.database, delivery, { reason: failure.reason, attempts, waitMs });
    this.#parts.log(dead ? "error" : "warn", dead ? "an object was set aside" : "a peer refused an object", {
      peer: this.url,
      object: object.objectUuid,
      attempts,
      reason: failure.reason,
    });
  }

  /** @param refusingMs how long to leave a peer alone that answers, and takes nothing */
  async #peerFailed(reason: string, refusingMs?: number): Promise<void> {
    const { configuration, database, log } = this.#parts;
    // Several sends fail together when a connection breaks: that is one failure.
    if (this.#retryAt > this.#parts.clock.elapsed()) return;
    this.#failures++;
    const limits = { minMs: configuration.peerBackoffMinMs, maxMs: configuration.peerBackoffMaxMs };
    const waitMs = refusingMs ?? peerWaitMs(this.#failures, limits, () => randomFraction(this.#parts.random));
    this.#retryAt = this.#parts.clock.elapsed() + waitMs;
    const refusing = refusingMs !== undefined;
    const state = refusing ? "refusing" : "away";
    if (this.#state !== state) {
      log("warn", refusing ? "a peer refuses what it is sent" : "a peer cannot be reached", { peer: this.url, reason });
    }
    if (this.#state !== state || this.#parts.clock.elapsed() - this.#notedAt > FAILURE_NOTE_MS) {
      this.#notedAt = this.#parts.clock.elapsed();
      await notePeerFailure(database, this.url, { reason, refusing, waitMs });
    }
    this.#state = state;
  }

  async #peerWorks(): Promise<void> {
    const refusedInARow = this.#refusals;
    this.#failures = 0;
    this.#refusals = 0;
    this.#retryAt = 0;
    if (this.#state === "working" && this.#parts.clock.elapsed() - this.#notedAt < FAILURE_NOTE_MS) return;
    if (this.#state === "away" || this.#state === "refusing") {
      this.#parts.log("info", "a peer is back", { peer: this.url });
    }
    if (refusedInARow > 1) await endPeerRefusal(this.#parts.database, this.#keys, refusedInARow);
    this.#state = "working";
    this.#notedAt = this.#parts.clock.elapsed();
    await notePeerSuccess(this.#parts.database, this.url);
  }
}
