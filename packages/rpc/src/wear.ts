import type { RpcLimits } from "./limits.ts";

/**
 * Counts the bytes that calls leave behind on their session's memory account when they are reset: node:http2 never takes
 * them off (docs/decisions/0004), and when the account is full it refuses every stream. Half full, the session is worn and
 * takes no new call.
 */
export class Wear {
  #leftBytes: number;

  constructor(limits: Pick<RpcLimits, "sessionMemoryBytes">) {
    this.#leftBytes = limits.sessionMemoryBytes / 2;
  }

  get worn(): boolean {
    return this.#leftBytes <= 0;
  }

  add(bytes: number): void {
    this.#leftBytes -= bytes;
  }
}
