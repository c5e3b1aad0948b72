import { TIMER_MS_MAX } from "./pause.ts";

/** What every call that takes time lets its caller say. */
export interface CallOptions {
  /** Firing it stops the work: `rpc.cancelled`, or the reason it was fired with where that is an error of ours. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, in milliseconds: `rpc.deadline` after it. */
  readonly timeoutMs?: number | undefined;
}

/** Signal and timeout as one signal; undefined when neither is given. */
export function callSignal({ signal, timeoutMs }: CallOptions): AbortSignal | undefined {
  // A timer cannot be set for longer, and nobody waits for 24 days.
  if (timeoutMs === undefined || timeoutMs > TIMER_MS_MAX) return signal;
  const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(timeoutMs)));
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
