import { type ErrorCode, hasCode, type P8eError } from "@p8e/core";
import { mayPassLater } from "../may-pass-later.ts";

/** Why a letter was set aside. */
export const quarantineReasons = [
  /** Nobody whom this party knows has sent it; it was not opened. */
  "stranger",
  /** It can have no effect, now or later. */
  "unusable",
  /** What stood in its way did not pass in time. */
  "gave_up",
] as const;

/** One of {@link quarantineReasons}. */
export type QuarantineReason = (typeof quarantineReasons)[number];

/** What becomes of a letter whose handling has failed. */
export type MailFate =
  | { readonly kind: "later"; readonly afterMs: number }
  | { readonly kind: "quarantine"; readonly reason: QuarantineReason }
  /** It is not the letter's fault: nothing can be made durable. */
  | { readonly kind: "stop" };

/** Attempts until something that may pass is given up: about 25 minutes. */
export const ATTEMPTS_MAX = 30;
/** Of a failure that nobody has foreseen. */
const UNEXPECTED_ATTEMPTS_MAX = 3;
const FIRST_MS = 200;
const MOST_MS = 60_000;

const FATAL: readonly ErrorCode[] = ["state.newer", "state.corrupt", "state.foreign", "rpc.cancelled"];

/** @param attempt the one that failed, counted from 1 */
export function mailFate(error: P8eError, attempt: number): MailFate {
  if (hasCode(error, ...FATAL)) return { kind: "stop" };
  const unexpected = hasCode(error, "internal.unexpected");
  if (!unexpected && !mayPassLater(error)) return { kind: "quarantine", reason: "unusable" };
  if (attempt >= (unexpected ? UNEXPECTED_ATTEMPTS_MAX : ATTEMPTS_MAX))
    return { kind: "quarantine", reason: "gave_up" };
  return { kind: "later", afterMs: laterMs(attempt) };
}

/** How long to wait after so many attempts. */
export function laterMs(attempt: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
}
