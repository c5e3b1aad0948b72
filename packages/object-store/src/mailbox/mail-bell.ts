import { base64Encode, type RandomBytes } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { StoreBus } from "../postgres/store-bus.ts";
import { MailWatches } from "./mail-watches.ts";

/** What a mail bell tells the store's other processes over. */
export interface MailBellParts {
  readonly bus: StoreBus;
  readonly random: RandomBytes;
  /** Runs a statement of the bus. */
  readonly tell: (statement: ReturnType<StoreBus["announcement"]>) => Promise<unknown>;
}

/**
 * Wakes who watches a mailbox when mail for it is committed, at this process at once and at the store's others over the
 * bus. A lost announcement costs time and no mail: clients look by themselves now and then.
 */
export class MailBell implements Disposable {
  readonly watches = new MailWatches();
  readonly #parts: MailBellParts;
  /** What this process calls itself, so that it does not answer to its own announcements. */
  readonly #name: string;
  readonly #waiting = new Set<KeyText>();
  #announcing = false;
  #closed = false;

  constructor(parts: MailBellParts) {
    this.#parts = parts;
    this.#name = base64Encode(parts.random(9));
    parts.bus.onEvent((event) => {
      if ((event.kind !== "mail" && event.kind !== "mails") || event.from === this.#name) return;
      if (event.kind === "mail") this.watches.wake(event.keys);
      else this.watches.wakeAll();
    });
    // What was announced while the connection was lost nobody here has heard.
    parts.bus.onOpen(() => this.watches.wakeAll());
  }

  /** Mail for these keys was committed. */
  ring(keys: readonly KeyText[]): void {
    this.watches.wake(keys);
    for (const key of keys) this.#waiting.add(key);
    void this.#announce();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.watches.close();
  }

  /** One statement at a time; what comes meanwhile is told once for each key. */
  async #announce(): Promise<void> {
    if (this.#announcing) return;
    this.#announcing = true;
    try {
      while (this.#waiting.size > 0 && !this.#closed) {
        const keys = [...this.#waiting];
        this.#waiting.clear();
        const { bus, tell } = this.#parts;
        await tell(bus.announcement({ kind: "mail", from: this.#name, keys }));
      }
    } catch {
      // clients of the other processes look by themselves before long
      this.#waiting.clear();
    } finally {
      this.#announcing = false;
    }
  }
}
