/**
 * What a failed send means.
 * - `peer`: the peer is away, busy or in maintenance. It is left alone for a while; the object is not at fault.
 * - `refusing`: the peer answers, and would take nothing of ours: it wants a credential, or serves no objects. It is asked
 *   less and less often, with another object each time, since it may be this one alone that it will not take.
 * - `refusal`: the peer would not take this object, or we cannot read it. That counts against the object.
 * - `local`: our own database is away. Nothing is at fault; everything is tried again.
 */
export type SendFailure =
  | { readonly kind: "peer"; readonly reason: string }
  | { readonly kind: "refusing"; readonly reason: string }
  | { readonly kind: "refusal"; readonly reason: string; readonly permanent: boolean }
  | { readonly kind: "local"; readonly reason: string };

/** Attempts after which an object that a peer keeps refusing is set aside for a person to look at. */
const REFUSALS_MAX = 10;
const PERMANENT_REFUSALS_MAX = 3;

const REFUSAL_WAIT_MIN_MS = 1000;
const REFUSAL_WAIT_MAX_MS = 3_600_000;

/** Whether an object that was refused so often is set aside. */
export function isDead(attempts: number, permanent: boolean): boolean {
  return attempts >= (permanent ? PERMANENT_REFUSALS_MAX : REFUSALS_MAX);
}

/** How long to wait after the n-th refusal: four times as long each time, up to an hour, give or take a fifth. */
export function refusalWaitMs(attempts: number, random: () => number): number {
  const wait = Math.min(REFUSAL_WAIT_MAX_MS, REFUSAL_WAIT_MIN_MS * 4 ** (attempts - 1));
  return wait * (0.8 + 0.4 * random());
}

/** How long to leave a peer alone that refuses whatever it is sent, after the n-th time: twice as long each time, up to an hour. */
export function refusingWaitMs(failures: number, minMs: number, random: () => number): number {
  return peerWaitMs(failures, { minMs: Math.max(minMs, 1000), maxMs: REFUSAL_WAIT_MAX_MS }, random);
}

/** How long to leave a peer alone after the n-th failure in a row. */
export function peerWaitMs(
  failures: number,
  limits: { readonly minMs: number; readonly maxMs: number },
  random: () => number,
): number {
  const wait = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(failures - 1, 30));
  return wait * (0.9 + 0.2 * random());
}
