import { type KeyState, type KeyText, keyStateOf } from "../domain/audience.ts";
import type { KeyRegistration } from "../domain/key-registration.ts";
import { type Log, reasonOf } from "../log.ts";
import { repeat, type StoreClock } from "../store-clock.ts";
import type { Queryable } from "./database.ts";
import { allKeys, findKey } from "./key-rows.ts";
import type { StoreBus } from "./store-bus.ts";

/** Where the keys come from, and what keeps them fresh. */
export interface KeyCacheParts {
  readonly database: Queryable;
  readonly bus: StoreBus;
  /** How old the keys may become when no notification arrives. */
  readonly refreshMs: number;
  readonly clock: StoreClock;
  readonly log: Log;
}

/**
 * All registered keys, in memory. Kept fresh by the notifications of whichever process registers a key, reloaded as a
 * whole after a lost connection, and now and then for rows that somebody wrote by hand.
 */
export class KeyCache implements Disposable {
  readonly #database: Queryable;
  readonly #log: Log;
  readonly #onChange = new Set<() => void>();
  readonly #reloading: Disposable;
  #keys = new Map<KeyText, KeyRegistration>();
  #loading: Promise<void> | undefined;
  #again = false;
  readonly #sinceReload = new Map<KeyText, KeyRegistration>();

  private constructor({ database, refreshMs, clock, log }: KeyCacheParts) {
    this.#database = database;
    this.#log = log;
    this.#reloading = repeat(clock, refreshMs, () => void this.reload());
  }

  static async open(parts: KeyCacheParts): Promise<KeyCache> {
    const cache = new KeyCache(parts);
    const { bus } = parts;
    bus.onEvent((event) => {
      if (event.kind === "key") void cache.#refresh(event.key);
      if (event.kind === "keys") void cache.reload();
    });
    bus.onOpen(() => void cache.reload());
    cache.#again = true;
    try {
      await cache.#load();
    } catch (error) {
      cache[Symbol.dispose]();
      throw error;
    }
    return cache;
  }

  get(key: KeyText): KeyRegistration | undefined {
    return this.#keys.get(key);
  }

  stateOf(key: KeyText): KeyState {
    return keyStateOf(this.#keys.get(key));
  }

  all(): Iterable<KeyRegistration> {
    return this.#keys.values();
  }

  put(registration: KeyRegistration): void {
    this.#keys.set(registration.key, registration);
    this.#sinceReload.set(registration.key, registration);
    this.#changed();
  }

  onChange(listener: () => void): void {
    this.#onChange.add(listener);
  }

  /** Never fails: the keys known so far stay when the database does not answer. */
  async reload(): Promise<void> {
    try {
      this.#again = true;
      this.#loading ??= this.#load().finally(() => {
        this.#loading = undefined;
      });
      await this.#loading;
    } catch (error) {
      this.#log("warn", "could not reload the registered keys", { reason: reasonOf(error) });
    }
  }

  /** One reading at a time, or an older one could end last; whoever asks meanwhile gets one more. */
  async #load(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      this.#sinceReload.clear();
      const keys = await allKeys(this.#database);
      // What was registered while the keys were read may be missing from them.
      this.#replace([...keys, ...this.#sinceReload.values()]);
    }
  }

  async #refresh(key: KeyText): Promise<void> {
    try {
      const found = await findKey(this.#database, key);
      const known = this.#keys.get(key);
      // Two readings may cross; the later registration stays.
      if (found && !(known && known.updatedAt > found.updatedAt)) this.put(found);
    } catch (error) {
      this.#log("warn", "could not read a registered key", { reason: reasonOf(error) });
    }
  }

  #replace(keys: readonly KeyRegistration[]): void {
    this.#keys = new Map(keys.map((registration) => [registration.key, registration]));
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#onChange) listener();
  }

  [Symbol.dispose](): void {
    this.#reloading[Symbol.dispose]();
  }
}
