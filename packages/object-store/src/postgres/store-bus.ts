import { isP8eError, P8eError, type Uuid } from "@p8e/core";
import { type Log, reasonOf } from "../log.ts";
import { type StoreClock, sleepOrStop } from "../store-clock.ts";
import type { Database, DedicatedConnection } from "./database.ts";
import { claimLock, lockNumber, SERVING, shareLock } from "./store-lock.ts";

/** What the processes of one store tell each other. */
export type StoreEvent =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "keys" }
  | { readonly kind: "maintenance" }
  | { readonly kind: "replication" }
  /** A person wants everything that waits tried again. */
  | { readonly kind: "retry" }
  /** A person wants what is damaged asked for again. */
  | { readonly kind: "heal" }
  | { readonly kind: "repair"; readonly uuid: string }
  /** Mail for these keys was committed by the process that calls itself `from`. */
  | { readonly kind: "mail"; readonly from: string; readonly keys: readonly string[] }
  /** The same, for nobody knows whom. */
  | { readonly kind: "mails"; readonly from: string };

/** A notification's payload must stay below 8,000 bytes. */
const PAYLOAD_BYTES_MAX = 7000;

/** Whose processes talk to each other, and over what. */
export interface StoreBusParts {
  readonly database: Database;
  readonly identity: Uuid;
  readonly clock: StoreClock;
  readonly log: Log;
}

/** The statement that tells all processes of a store, also for one that has no bus of its own. */
export function announcement(
  identity: Uuid,
  event: StoreEvent,
): { readonly text: string; readonly values: readonly string[] } {
  const payload = `${event.kind}:${tailOf(event)}`;
  const fits = Buffer.byteLength(payload) <= PAYLOAD_BYTES_MAX;
  const shorter = event.kind === "mail" ? `mails:${event.from}` : "keys:";
  return { text: "SELECT pg_notify($1, $2)", values: [channelOf(identity), fits ? payload : shorter] };
}

function tailOf(event: StoreEvent): string {
  switch (event.kind) {
    case "key":
      return event.key;
    case "repair":
      return event.uuid;
    case "mail":
      return [event.from, ...event.keys].join(",");
    case "mails":
      return event.from;
    default:
      return "";
  }
}

function channelOf(identity: Uuid): string {
  return `p8e_${identity.replaceAll("-", "")}`;
}

/**
 * The connection over which the processes of a store hear of each other, and on which each holds its claims (advisory
 * locks). It is reopened when lost; `onOpen` listeners then catch up with what they may have missed, and claims made on
 * the lost connection are gone, which `Claim.lost` tells.
 *
 * The channel's name and the locks' numbers derive from the store's identity: several stores may share a database.
 */
export class StoreBus implements AsyncDisposable {
  readonly #database: Database;
  readonly #identity: Uuid;
  readonly #channel: string;
  readonly #clock: StoreClock;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #onEvent = new Set<(event: StoreEvent) => void>();
  readonly #onOpen = new Set<() => void>();
  readonly #onMove = new Set<() => void>();
  #connection: DedicatedConnection | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor({ database, identity, clock, log }: StoreBusParts) {
    this.#database = database;
    this.#identity = identity;
    this.#channel = channelOf(identity);
    this.#clock = clock;
    this.#log = log;
  }

  static async open(parts: StoreBusParts): Promise<StoreBus> {
    const bus = new StoreBus(parts);
    const first = await bus.#connect();
    bus.#running = bus.#keepOpen(first);
    return bus;
  }

  onEvent(listener: (event: StoreEvent) => void): void {
    this.#onEvent.add(listener);
  }

  /** Called whenever the connection was opened again. */
  onOpen(listener: () => void): void {
    this.#onOpen.add(listener);
  }

  /** Called when the connection was lost and cannot be opened again because somebody moves the store's objects away. */
  onMove(listener: () => void): void {
    this.#onMove.add(listener);
  }

  /** The statement that tells all processes; to be run wherever the change itself is written. */
  announcement(event: StoreEvent): { readonly text: string; readonly values: readonly string[] } {
    return announcement(this.#identity, event);
  }

  /**
   * Claims a piece of work for this process; undefined when another has it or the connection is down. The claim ends
   * with `release`, or with the connection.
   */
  async claim(what: string): Promise<Claim | undefined> {
    const connection = this.#connection;
    if (!connection || connection.lost.aborted) return undefined;
    const key = lockNumber(this.#identity, what);
    if (!(await claimLock(connection, this.#identity, what).catch(() => false))) return undefined;
    return {
      lost: connection.lost,
      async release() {
        if (connection.lost.aborted) return;
        await connection.query({ text: "SELECT pg_advisory_unlock($1::bigint)", values: [key] }).catch(() => {}); // with the connection the lock is gone as well
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#connection?.[Symbol.asyncDispose]();
    await this.#running;
  }

  async #connect(): Promise<DedicatedConnection> {
    const connection = await this.#database.dedicated("events");
    connection.onNotification((channel, payload) => {
      const event = channel === this.#channel ? parseEvent(payload) : undefined;
      if (event) for (const listener of this.#onEvent) listener(event);
    });
    try {
      if (!(await shareLock(connection, this.#identity, SERVING))) {
        throw new P8eError("store.unavailable", "the store's objects are being moved to another storage", {
          facts: { moving: true },
          hint: "start it when the move has ended",
        });
      }
      await connection.query({ text: `LISTEN ${this.#channel}` });
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
    this.#connection = connection;
    return connection;
  }

  async #keepOpen(first: DedicatedConnection): Promise<void> {
    let connection = first;
    while (!this.#stopped.signal.aborted) {
      await aborted(connection.lost);
      if (this.#stopped.signal.aborted) return;
      this.#log("warn", "lost the connection for notifications");
      const next = await this.#reconnect();
      if (!next) return;
      connection = next;
      for (const listener of this.#onOpen) listener();
    }
  }

  async #reconnect(): Promise<DedicatedConnection | undefined> {
    for (let waitMs = 100; !this.#stopped.signal.aborted; waitMs = Math.min(waitMs * 2, 5000)) {
      try {
        const connection = await this.#connect();
        this.#log("info", "the connection for notifications is back");
        return connection;
      } catch (error) {
        this.#log("debug", "cannot reach the database for notifications", { reason: reasonOf(error) });
        if (isP8eError(error) && error.facts.moving === true) for (const listener of this.#onMove) listener();
        await sleepOrStop(this.#clock, waitMs, this.#stopped.signal);
      }
    }
    return undefined;
  }
}

/** Work that no other process of the store does. */
export interface Claim {
  /** Aborted when the connection that holds the claim is gone: somebody else may have it now. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

function parseEvent(payload: string): StoreEvent | undefined {
  const colon = payload.indexOf(":");
  const kind = payload.slice(0, colon);
  const tail = payload.slice(colon + 1);
  switch (kind) {
    case "key":
      return { kind, key: tail };
    case "repair":
      return { kind, uuid: tail };
    case "mail": {
      const [from = "", ...keys] = tail.split(",");
      return { kind, from, keys };
    }
    case "mails":
      return { kind, from: tail };
    case "keys":
    case "maintenance":
    case "replication":
    case "retry":
    case "heal":
      return { kind };
    default:
      return undefined; // from a newer release
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
