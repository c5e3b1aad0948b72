import { pause } from "./pause.ts";

/** Time as a part of p8e sees it; tests pass one that they turn. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects as soon as `signal` fires: `rpc.cancelled`, or the signal's own reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now(), sleep: pause };
