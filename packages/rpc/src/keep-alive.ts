import type { Http2Session } from "node:http2";

/**
 * Finds out that the other side is gone when no packet says so: a ping while calls are open, and the connection is
 * ended if no answer comes. Driven by `tick`, it has no timer of its own.
 */
export class KeepAlive {
  readonly #session: Http2Session;
  readonly #everyMs: number;
  readonly #timeoutMs: number;
  #heardAt: number;
  #pingedAt = 0;

  constructor(session: Http2Session, limits: { readonly keepAliveMs: number; readonly keepAliveTimeoutMs: number }) {
    this.#session = session;
    this.#everyMs = limits.keepAliveMs;
    this.#timeoutMs = limits.keepAliveTimeoutMs;
    this.#heardAt = performance.now();
  }

  /** `busy`: whether calls are open. Returns false when the other side is given up. */
  tick(now: number, busy: boolean): boolean {
    if (this.#pingedAt !== 0) return now - this.#pingedAt <= this.#timeoutMs;
    if (!busy || now - this.#heardAt < this.#everyMs || this.#session.destroyed) return true;
    const sent = this.#session.ping((error) => {
      this.#pingedAt = 0;
      if (error === null) this.#heardAt = performance.now();
    });
    if (sent) this.#pingedAt = now;
    return true;
  }
}
